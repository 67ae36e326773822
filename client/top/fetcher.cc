// SPDX-License-Identifier: Apache-2.0
#include "client/top/fetcher.h"

#include <sys/eventfd.h>

#include <utility>

namespace capmon {

Fetcher::Fetcher(Settings settings, bool include_ended, std::chrono::milliseconds interval)
    : settings_(std::move(settings)),
      include_ended_(include_ended),
      interval_(interval),
      ready_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Fetcher::News Fetcher::Ask(std::optional<Daemon>& daemon, const std::string& wanted) const {
  News news;
  const auto failed = [&](const absl::Status& status) {
    news.complaint = std::string(status.message());
    daemon.reset();
    return news;
  };
  if (!daemon) {
    auto connected = Daemon::Connect(settings_.address);
    if (!connected.ok()) return failed(connected.status());
    daemon = *std::move(connected);
  }
  v1::ListContainersRequest request;
  request.set_include_ended(include_ended_);
  auto containers = daemon->Call(&Daemon::Stub::ListContainers, request);
  if (!containers.ok()) return failed(containers.status());
  news.containers = *std::move(containers);
  if (wanted.empty()) return news;
  v1::GetProfileRequest about;
  about.set_container(wanted);
  auto profile = daemon->Call(&Daemon::Stub::GetProfile, about);
  if (profile.ok())
    news.profile = *std::move(profile);
  else
    news.complaint = std::string(profile.status().message());
  return news;
}

void Fetcher::Run() {
  std::optional<Daemon> daemon;
  while (true) {
    std::string wanted;
    {
      const std::lock_guard lock(mutex_);
      wanted = wanted_;
      hurry_ = false;
    }
    News news = Ask(daemon, wanted);
    std::unique_lock lock(mutex_);
    if (wanted != wanted_) news.profile.reset();
    if (!news.containers) news.containers = std::move(news_.containers);
    news_ = std::move(news);
    (void)::eventfd_write(ready_.get(), 1);
    changed_.wait_for(lock, interval_, [&] { return hurry_; });
  }
}

Fetcher::News Fetcher::Take() {
  eventfd_t count = 0;
  (void)::eventfd_read(ready_.get(), &count);
  const std::lock_guard lock(mutex_);
  News taken = std::move(news_);
  news_ = News();
  return taken;
}

void Fetcher::Want(const std::string& reference) {
  const std::lock_guard lock(mutex_);
  if (wanted_ == reference) return;
  wanted_ = reference;
  hurry_ = true;
  changed_.notify_one();
}

}  // namespace capmon
