// SPDX-License-Identifier: Apache-2.0
// The start and the changes of a feed: all settings can be used, or none is.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/feed.h"
#include "daemon/sink/spool_file.h"

namespace capmon {
namespace {

absl::Status OfSink(const std::string& name, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat("the sink ", name, ": ", std::string(status.message())));
}

// Null for none of that name.
std::shared_ptr<Sink> ByName(const std::vector<std::shared_ptr<Sink>>& sinks,
                             const std::string& name) {
  const auto found = std::ranges::find_if(
      sinks, [&](const std::shared_ptr<Sink>& sink) { return sink->settings().name == name; });
  return found == sinks.end() ? nullptr : *found;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Feed>> Feed::Start(Options options, const FeedSettings& settings) {
  std::unique_ptr<Feed> feed(new Feed(std::move(options)));
  feed->labels_ = settings.labels;
  for (const SinkSettings& sink : settings.sinks) {
    auto opened = Sink::Open(sink, feed->options_.sensor, feed->options_.directory);
    if (!opened.ok()) return OfSink(sink.name, opened.status());
    feed->sinks_.push_back(*std::move(opened));
  }
  feed->thread_ = std::thread([feed = feed.get()] { feed->Run(); });
  return feed;
}

absl::StatusOr<Feed::Plan> Feed::Prepare(const FeedSettings& settings) const {
  Plan plan{settings, {}};
  const Sinks now = sinks();
  for (const SinkSettings& wanted : settings.sinks) {
    const auto sink = ByName(now, wanted.name);
    if (sink != nullptr && sink->settings() == wanted) continue;
    auto transport = MakeTransport(wanted, options_.sensor);
    if (!transport.ok()) return OfSink(wanted.name, transport.status());
    plan.transports[wanted.name] = *std::move(transport);
    if (sink != nullptr || options_.directory.empty()) continue;
    const absl::Status place = CheckSpoolPlace(SpoolPath(options_.directory, wanted.name));
    if (!place.ok()) return OfSink(wanted.name, place);
  }
  return plan;
}

std::shared_ptr<Sink> Feed::Open(const SinkSettings& settings,
                                 std::unique_ptr<Transport> transport) {
  // A sink of that name that still ends has the spool.
  ended_sinks_.erase(settings.name);
  auto opened = Sink::Open(settings, options_.sensor, options_.directory, std::move(transport));
  if (opened.ok()) return *std::move(opened);
  spdlog::error("{}", std::string(OfSink(settings.name, opened.status()).message()));
  return nullptr;
}

// Null, with a message, if there is none.
std::unique_ptr<Transport> Feed::TakeTransport(Plan& plan, const SinkSettings& settings) const {
  if (auto prepared = std::move(plan.transports[settings.name])) return prepared;
  // When it was prepared, the sink was as wanted: another plan has been applied since.
  auto transport = MakeTransport(settings, options_.sensor);
  if (transport.ok()) return *std::move(transport);
  spdlog::error("{}", std::string(OfSink(settings.name, transport.status()).message()));
  return nullptr;
}

// A receiver that hangs delays its own sink's end alone.
void Feed::EndInBackground(const std::shared_ptr<Sink>& sink) {
  std::erase_if(ended_sinks_, [](const auto& one) {
    return one.second.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  });
  ended_sinks_.emplace(sink->settings().name, std::async(std::launch::async, [this, sink] {
                         const uint64_t lost = sink->End();
                         std::lock_guard lock(mutex_);
                         dropped_ += lost;
                       }));
}

// Opens what is new before it changes what is there: a list of sinks has the old or the new ones.
void Feed::Change(Plan plan) {
  const Sinks old = sinks();
  Sinks now;
  std::vector<std::pair<std::shared_ptr<Sink>, const SinkSettings*>> changed;
  for (const SinkSettings& wanted : plan.settings.sinks) {
    std::shared_ptr<Sink> sink = ByName(old, wanted.name);
    if (sink == nullptr) {
      if (auto transport = TakeTransport(plan, wanted)) sink = Open(wanted, std::move(transport));
      if (sink != nullptr) spdlog::info("the sink {} is new", wanted.name);
    } else if (!(sink->settings() == wanted)) {
      changed.emplace_back(sink, &wanted);
    }
    if (sink != nullptr) now.push_back(std::move(sink));
  }
  for (const auto& [sink, settings] : changed) {
    auto transport = TakeTransport(plan, *settings);
    if (transport == nullptr) continue;
    sink->Change(*settings, std::move(transport));
    spdlog::info("the sink {} has new settings", settings->name);
  }
  {
    std::lock_guard lock(mutex_);
    sinks_ = now;
    labels_ = plan.settings.labels;
  }
  for (const auto& sink : old) {
    const std::string name = sink->settings().name;
    if (ByName(now, name) != nullptr) continue;
    spdlog::info("the sink {} is removed{}", name,
                 options_.directory.empty()
                     ? ""
                     : "; what waits stays in its spool until a sink of that name comes back");
    EndInBackground(sink);
  }
}

void Feed::ReopenAll() {
  for (const auto& sink : sinks())
    if (const absl::Status status = sink->Reopen(); !status.ok())
      spdlog::error("the sink {}: {}; it continues as before", sink->settings().name,
                    std::string(status.message()));
}

}  // namespace capmon
