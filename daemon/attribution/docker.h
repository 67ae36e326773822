// SPDX-License-Identifier: Apache-2.0
// Queries the Docker Engine, or Podman's compatible socket, for the names of containers and their
// changes.
#pragma once

#include <string>

#include "common/unix_http.h"
#include "daemon/attribution/lookup.h"

namespace capmon {

class DockerSource final : public MetadataSource {
 public:
  // `engine`: written into descriptions, if a name there means another container than elsewhere.
  explicit DockerSource(std::string socket, HttpLimits limits = {}, std::string engine = "")
      : socket_(std::move(socket)), limits_(limits), engine_(std::move(engine)) {}

  bool Handles(const ContainerRef& wanted) const override;  // ids are 64 hexadecimal digits
  absl::Status ListAll(const Answers& answers, std::stop_token stop) override;
  absl::Status Check(const Answers& answers, std::stop_token stop) override;
  absl::StatusOr<Found> Inspect(const ContainerRef& wanted, const Answers& answers,
                                std::stop_token stop) override;
  absl::Status Watch(const std::function<void(const std::string& id)>& changed,
                     std::stop_token stop) override;

 private:
  absl::Status Get(const std::string& target, std::stop_token stop, HttpAnswer& answer) const;

  // Adds whose engine it is, by the user at the other end of the socket.
  ContainerDescribed Signed(ContainerDescribed described, const HttpAnswer& answer) const;

  const std::string socket_;
  const HttpLimits limits_;
  const std::string engine_;
};

}  // namespace capmon
