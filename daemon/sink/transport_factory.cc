// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "daemon/sink/file_transport.h"
#include "daemon/sink/http_transport.h"
#include "daemon/sink/kafka_transport.h"
#include "daemon/sink/otlp_transport.h"
#include "daemon/sink/syslog_transport.h"
#include "daemon/sink/transport.h"

namespace capmon {
namespace {

using TransportPtr = absl::StatusOr<std::unique_ptr<Transport>>;

struct Make {
  const SinkSettings& settings;
  const Sensor& sensor;

  TransportPtr operator()(const SyslogTarget& target) const {
    return std::make_unique<SyslogTransport>(target, settings.format, sensor);
  }
  TransportPtr operator()(const FileTarget& target) const {
    return FileTransport::Open(target, settings.format, sensor);
  }
  TransportPtr operator()(const HttpTarget& target) const {
    return HttpTransport::Make(target, settings.format, sensor);
  }
  TransportPtr operator()(const OtlpTarget& target) const {
    return OtlpTransport::Make(target, settings.format, sensor);
  }
  TransportPtr operator()(const KafkaTarget& target) const {
    return KafkaTransport::Make(target, settings.format, sensor);
  }
};

// The part of a URL that names the receiver: no user, password, query or fragment.
std::string WithoutSecrets(std::string url) {
  url.resize(std::min(url.find_first_of("?#"), url.size()));
  const size_t host = url.find("://") == url.npos ? 0 : url.find("://") + 3;
  const size_t end = std::min(url.find('/', host), url.size());
  const size_t at = url.rfind('@', end);
  if (at != url.npos && at >= host) url.erase(host, at + 1 - host);
  return url;
}

struct NameTarget {
  std::string operator()(const FileTarget& target) const {
    return target.path == "-" ? "stdout" : absl::StrCat("file ", target.path);
  }
  std::string operator()(const SyslogTarget& target) const {
    constexpr const char* kSchemes[] = {"udp", "tcp", "tls"};
    return absl::StrCat("syslog ", kSchemes[static_cast<int>(target.protocol)], "://", target.host,
                        ":", target.port);
  }
  std::string operator()(const HttpTarget& target) const {
    return absl::StrCat("http ", WithoutSecrets(target.url));
  }
  std::string operator()(const OtlpTarget& target) const {
    return absl::StrCat("otlp ", target.endpoint);
  }
  std::string operator()(const KafkaTarget& target) const {
    return absl::StrCat("kafka ", target.brokers, " ", target.topic);
  }
};

}  // namespace

TransportPtr MakeTransport(const SinkSettings& settings, const Sensor& sensor) {
  return std::visit(Make{settings, sensor}, settings.target);
}

std::string TargetName(const SinkSettings& settings) {
  return std::visit(NameTarget(), settings.target);
}

}  // namespace capmon
