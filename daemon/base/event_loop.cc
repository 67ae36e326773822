// SPDX-License-Identifier: Apache-2.0
#include "daemon/base/event_loop.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <utility>

namespace capmon {
namespace {

void ReadCounter(int fd) {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t size = ::read(fd, &count, sizeof(count));
}

timespec TimespecOf(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {seconds.count(), (time - seconds).count()};
}

}  // namespace

absl::StatusOr<std::unique_ptr<EventLoop>> EventLoop::Create() {
  std::unique_ptr<EventLoop> loop(new EventLoop());
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  loop->epoll_.Reset(epoll_create1(EPOLL_CLOEXEC));
  loop->signals_.Reset(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  loop->timer_.Reset(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  loop->soon_timer_.Reset(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  loop->wake_.Reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!loop->epoll_ || !loop->signals_ || !loop->timer_ || !loop->soon_timer_ || !loop->wake_)
    return absl::ErrnoToStatus(errno, "set up the event loop");
  for (int fd :
       {loop->signals_.get(), loop->timer_.get(), loop->soon_timer_.get(), loop->wake_.get()})
    if (absl::Status status = loop->Add(fd); !status.ok()) return status;
  return loop;
}

absl::Status EventLoop::Add(int fd, uint32_t trigger) {
  epoll_event event{};
  event.events = EPOLLIN | trigger;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "watch descriptor " + std::to_string(fd));
}

absl::Status EventLoop::OnReadable(int fd, std::function<void()> callback) {
  watched_.push_back({fd, std::move(callback)});
  return Add(fd);
}

absl::Status EventLoop::OnWake(int fd, std::function<void()> callback) {
  watched_.push_back({fd, std::move(callback)});
  return Add(fd, EPOLLET);
}

absl::Status EventLoop::Every(std::chrono::milliseconds period, std::function<void()> callback) {
  tick_ = std::move(callback);
  const itimerspec spec = {TimespecOf(period), TimespecOf(period)};
  if (timerfd_settime(timer_.get(), 0, &spec, nullptr) == 0) return absl::OkStatus();
  return absl::ErrnoToStatus(errno, "set the tick");
}

void EventLoop::Soon(std::chrono::nanoseconds delay, std::function<void()> callback) {
  if (soon_) return;
  const itimerspec spec = {{}, TimespecOf(std::max(delay, std::chrono::nanoseconds(1)))};
  if (timerfd_settime(soon_timer_.get(), 0, &spec, nullptr) == 0) soon_ = std::move(callback);
}

void EventLoop::Stop() { stopping_ = true; }

// A signal that is not read stays pending until the next wait.
void EventLoop::TakeSignals() {
  signalfd_siginfo signal{};
  while (::read(signals_.get(), &signal, sizeof(signal)) == sizeof(signal)) {
    if (signal.ssi_signo != SIGHUP)
      stopping_ = true;
    else if (hangup_)
      hangup_();
  }
}

absl::Status EventLoop::Run() {
  while (!stopping_) {
    std::array<epoll_event, 8> events;
    const int ready = epoll_wait(epoll_.get(), events.data(), events.size(), -1);
    if (ready < 0 && errno != EINTR) return absl::ErrnoToStatus(errno, "wait for events");
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<size_t>(i)].data.fd;
      if (fd == signals_.get()) TakeSignals();
      if (fd == wake_.get()) HandleWake();
      if (fd == timer_.get()) {
        ReadCounter(fd);
        if (tick_) tick_();
      }
      if (fd == soon_timer_.get()) {
        ReadCounter(fd);
        if (const auto callback = std::exchange(soon_, nullptr)) callback();
      }
      for (const Watched& watched : watched_)
        if (watched.fd == fd) watched.callback();
    }
  }
  return absl::OkStatus();
}

void EventLoop::HandleWake() {
  ReadCounter(wake_.get());
  std::unique_lock lock(mutex_);
  const uint64_t asked = asked_;
  const bool tick = std::exchange(tick_asked_, false);
  const auto work = std::exchange(work_, {});
  lock.unlock();
  for (const auto& [request, run] : work) run();
  if (tick && tick_) tick_();
  lock.lock();
  answered_ = asked;
  lock.unlock();
  done_.notify_all();
}

bool EventLoop::RunTickNow(std::chrono::milliseconds patience) { return RunNow({}, patience); }

bool EventLoop::RunNow(std::function<void()> work, std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  const uint64_t mine = ++asked_;
  if (work)
    work_.emplace(mine, std::move(work));
  else
    tick_asked_ = true;  // one tick does for all who wait
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t size = ::write(wake_.get(), &one, sizeof(one));
  if (done_.wait_for(lock, patience, [&] { return answered_ >= mine; })) return true;
  work_.erase(mine);
  return false;
}

}  // namespace capmon
