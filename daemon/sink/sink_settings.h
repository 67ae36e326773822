// SPDX-License-Identifier: Apache-2.0
// The settings of sinks, as capmond.yaml has them (daemon/settings/). A secret is never a value
// here: it is the name of a file or of an environment variable, read when it is used.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "daemon/encode/encode_alert.h"
#include "daemon/model/severity.h"

namespace capmon {

// "file:/path" or "env:NAME"; "" for none.
struct Secret {
  std::string source{};
  friend bool operator==(const Secret&, const Secret&) = default;
};

struct TlsSettings {
  bool enabled = false;
  std::string ca_file{};  // "" the system's
  std::string certificate_file{};
  std::string key_file{};
  std::string server_name{};  // "" the address's
  bool verify = true;
  friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

struct FileTarget {
  std::string path{};         // "-" for stdout
  uint64_t rotate_bytes = 0;  // 0: never, logrotate may
  int keep_rotated = 5;
  enum class Sync { kNever, kBatch };  // fsync
  Sync sync = Sync::kNever;
  friend bool operator==(const FileTarget&, const FileTarget&) = default;
};

struct SyslogTarget {
  enum class Protocol { kUdp, kTcp, kTls };
  Protocol protocol = Protocol::kTls;
  std::string host{};
  uint16_t port = 6514;
  TlsSettings tls{};
  int facility = 10;  // authpriv
  std::string structured_data_id = "capmon@32473";
  std::string app_name = "capmon";
  friend bool operator==(const SyslogTarget&, const SyslogTarget&) = default;
};

struct HttpTarget {
  enum class Preset { kPlain, kSplunk, kElastic, kFalcosidekick, kAlertmanager, kSlack };
  Preset preset = Preset::kPlain;
  std::string url{};
  std::string index{};  // of Splunk and Elastic; "" the receiver's default
  std::map<std::string, std::string> headers{};
  Secret token{};     // Splunk's token, Elastic's API key, or a bearer token
  Secret password{};  // of `user`
  std::string user{};
  bool gzip = false;
  bool acknowledge = false;  // Splunk: wait until the indexer has it
  TlsSettings tls{};
  std::chrono::milliseconds timeout{10'000};
  friend bool operator==(const HttpTarget&, const HttpTarget&) = default;
};

struct OtlpTarget {
  std::string endpoint{};  // host:port
  TlsSettings tls{};
  std::map<std::string, std::string> headers{};
  Secret token{};
  std::chrono::milliseconds timeout{10'000};
  friend bool operator==(const OtlpTarget&, const OtlpTarget&) = default;
};

struct KafkaTarget {
  std::string brokers{};
  std::string topic = "capmon-alerts";
  std::map<std::string, std::string> options{};  // of librdkafka, as they are
  Secret password{};                             // sasl.password
  friend bool operator==(const KafkaTarget&, const KafkaTarget&) = default;
};

struct SpoolSettings {
  uint64_t max_bytes = 64 << 20;
  uint64_t max_messages = 200'000;
  friend bool operator==(const SpoolSettings&, const SpoolSettings&) = default;
};

struct SinkSettings {
  std::string name;
  std::variant<FileTarget, SyslogTarget, HttpTarget, OtlpTarget, KafkaTarget> target;
  AlertFormat format = AlertFormat::kNative;
  Severity at_least = Severity::kInfo;
  std::vector<std::string> rules;  // ids; empty: all
  SpoolSettings spool;
  size_t queue = 4096;  // messages in memory
  friend bool operator==(const SinkSettings&, const SinkSettings&) = default;
};

}  // namespace capmon
