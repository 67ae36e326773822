// SPDX-License-Identifier: Apache-2.0
// Queries a Kubernetes container runtime over its CRI socket: pods, their labels, and what each
// container was given.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "daemon/attribution/lookup.h"
#include "daemon/model/runtimes.h"

namespace runtime::v1 {
class Container;
class PodSandbox;
}  // namespace runtime::v1

namespace capmon {

class CriSource final : public MetadataSource {
 public:
  struct Options {
    // The first one that answers is used.
    std::vector<std::string> sockets = SocketsOf(RuntimeApi::kCri);
    std::chrono::milliseconds patience{2000};  // for each call
  };

  explicit CriSource(Options options) : options_(std::move(options)) {}
  ~CriSource() override;

  bool Handles(const ContainerRef& wanted) const override;
  absl::Status ListAll(const Answers& answers, std::stop_token stop) override;
  absl::Status Check(const Answers& answers, std::stop_token stop) override;
  absl::StatusOr<Found> Inspect(const ContainerRef& wanted, const Answers& answers,
                                std::stop_token stop) override;
  absl::Status Watch(const std::function<void(const std::string& id)>& changed,
                     std::stop_token stop) override;

 private:
  struct Connection;

  absl::Status Connect(std::stop_token stop);
  absl::Status List(const Answers& answers, std::stop_token stop);
  absl::Status LearnSandbox(const std::string& id, std::stop_token stop);
  ContainerDescribed Describe(const runtime::v1::Container& container) const;
  ContainerDescribed Describe(const runtime::v1::PodSandbox& sandbox) const;

  const Options options_;
  std::mutex mutex_;  // guards connection_: both threads use it, one replaces it
  std::shared_ptr<Connection> connection_;
  std::map<std::string, ContainerDescribed> sandboxes_;  // by id; from the last list
  std::set<std::string> inspected_;                      // containers

  static constexpr size_t kMaxKnown = 8192;
};

}  // namespace capmon
