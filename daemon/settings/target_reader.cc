// SPDX-License-Identifier: Apache-2.0
#include "daemon/settings/target_reader.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "daemon/settings/value_forms.h"

namespace capmon {
namespace {

// The names of RFC 5424 in the order of their numbers.
const std::vector<std::string>& Facilities() {
  static const auto& kNames = *new std::vector<std::string>{
      "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
      "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
      "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};
  return kNames;
}

// Printable ASCII without blank, as the header of RFC 5424 has it; `not_in` is excluded as well.
bool IsSyslogWord(std::string_view word, size_t longest, std::string_view not_in) {
  return !word.empty() && word.size() <= longest && std::ranges::all_of(word, [&](char c) {
    return c > ' ' && c < '\x7f' && not_in.find(c) == not_in.npos;
  });
}

void ReadAddress(SectionReader& reader, SyslogTarget& target) {
  constexpr char kExample[] = "tls://siem.example:6514";
  std::string address;
  if (!reader.Require("address", kExample) || !reader.Text("address", address, kExample)) return;
  const auto url = ParseUrl(address);
  const auto fail = [&](std::string what) {
    reader.Fail("address", absl::StrCat("address ", what, "; write \"address: ", kExample,
                                        "\", or udp:// or tcp://"));
  };
  if (!url || !url->user.empty() || !url->rest.empty())
    return fail(absl::StrCat("is not PROTOCOL://HOST:PORT: ", InQuotes(address)));
  if (url->scheme == "tls")
    target.protocol = SyslogTarget::Protocol::kTls;
  else if (url->scheme == "tcp")
    target.protocol = SyslogTarget::Protocol::kTcp;
  else if (url->scheme == "udp")
    target.protocol = SyslogTarget::Protocol::kUdp;
  else
    return fail(absl::StrCat("has an unknown protocol ", InQuotes(url->scheme)));
  const bool tls = target.protocol == SyslogTarget::Protocol::kTls;
  constexpr uint16_t kTlsPort = 6514, kPlainPort = 514;
  target.host = url->server.host;
  target.port = url->server.port != 0 ? url->server.port : tls ? kTlsPort : kPlainPort;
}

}  // namespace

void ReadTls(SectionReader& reader, bool encrypted, std::string_view remedy, TlsSettings& into) {
  into.enabled = encrypted;
  const YamlMember* const member = reader.Take("tls");
  if (member == nullptr) return;
  if (!encrypted)
    return reader.Fail(member->place, absl::StrCat("tls has no meaning for an address that is not "
                                                   "encrypted; ",
                                                   std::string(remedy)));
  SectionReader tls(member->value, "tls", reader.context());
  if (!member->value.is_map()) return;
  tls.ReadableFile("ca_file", into.ca_file, "/etc/capmon/ca.pem");
  tls.ReadableFile("certificate_file", into.certificate_file, "/etc/capmon/client.pem");
  tls.ReadableFile("key_file", into.key_file, "/etc/capmon/client.key");
  tls.Text("server_name", into.server_name, "siem.example");
  tls.Switch("verify", into.verify);
  if (tls.Has("key_file") && !tls.Has("certificate_file"))
    tls.Fail("key_file",
             "key_file needs a certificate; write \"certificate_file: "
             "/etc/capmon/client.pem\" as well");
  if (tls.Has("certificate_file") && !tls.Has("key_file"))
    tls.Fail("certificate_file",
             "certificate_file needs its key; write \"key_file: "
             "/etc/capmon/client.key\" as well");
  if (!into.verify && tls.Has("ca_file"))
    tls.Fail("verify",
             "verify: false ignores ca_file; remove one of the two lines, better "
             "\"verify: false\"");
  else if (!into.verify)
    tls.Warn("verify",
             "without verification any machine on the way can read and change alerts; "
             "name the receiver's authority with ca_file instead");
  tls.Finish();
}

FileTarget ReadFileTarget(SectionReader& reader) {
  constexpr char kExample[] = "/var/log/capmon/alerts.jsonl";
  FileTarget target;
  if (reader.Require("path", kExample) && reader.Text("path", target.path, kExample) &&
      !target.path.starts_with('/')) {
    const bool standard_output = target.path == "-";
    reader.Fail("path",
                standard_output
                    ? "path takes a file; write \"type: stdout\" for standard output"
                    : absl::StrCat("path takes the absolute path of a file, not ",
                                   InQuotes(target.path), "; write \"path: ", kExample, "\""));
    target.path.clear();
  } else if (target.path.ends_with('/')) {
    reader.Fail("path", absl::StrCat("path names a directory; write \"path: ", target.path,
                                     "alerts.jsonl\""));
  } else if (!target.path.empty()) {
    CheckNewFile("path", target.path, reader.map().At("path").place, reader.context());
  }
  reader.Size("rotate_at", 64 << 10, uint64_t{1} << 40, target.rotate_bytes, "100MiB");
  int64_t keep = target.keep_rotated;
  if (reader.Number("keep_rotated", 1, 1000, keep, "5"))
    target.keep_rotated = static_cast<int>(keep);
  if (reader.Has("keep_rotated") && !reader.Has("rotate_at"))
    reader.Fail("keep_rotated",
                "keep_rotated has no meaning without a size; write \"rotate_at: "
                "100MiB\" as well, or remove the line");
  if (const auto sync = reader.Word("fsync", {"never", "batch"}))
    target.sync = static_cast<FileTarget::Sync>(*sync);
  return target;
}

FileTarget ReadStdoutTarget(SectionReader& reader) {
  FileTarget target{.path = "-"};
  for (const char* const key : {"path", "rotate_at", "keep_rotated", "fsync"})
    reader.Reject(key, absl::StrCat(key,
                                    " has no meaning for standard output; write \"type: "
                                    "file\", or remove the line"));
  return target;
}

SyslogTarget ReadSyslogTarget(SectionReader& reader) {
  SyslogTarget target;
  ReadAddress(reader, target);
  ReadTls(reader, target.protocol == SyslogTarget::Protocol::kTls,
          "write \"address: tls://HOST:6514\", or remove the section", target.tls);
  if (const auto facility = reader.Word("facility", Facilities()))
    target.facility = static_cast<int>(*facility);
  constexpr size_t kLongestId = 32, kLongestName = 48;
  if (reader.Text("structured_data_id", target.structured_data_id, "capmon@32473") &&
      !IsSyslogWord(target.structured_data_id, kLongestId, "=]\""))
    reader.Fail("structured_data_id",
                absl::StrCat("structured_data_id takes at most ", kLongestId,
                             " characters of ASCII without blank, =, ] and \"; write "
                             "\"structured_data_id: capmon@32473\""));
  if (reader.Text("app_name", target.app_name, "capmon") &&
      !IsSyslogWord(target.app_name, kLongestName, ""))
    reader.Fail("app_name", absl::StrCat("app_name takes at most ", kLongestName,
                                         " characters of ASCII without blank; write \"app_name: "
                                         "capmon\""));
  return target;
}

OtlpTarget ReadOtlpTarget(SectionReader& reader) {
  constexpr char kExample[] = "otel-collector:4317";
  OtlpTarget target;
  if (reader.Require("endpoint", kExample) && reader.Text("endpoint", target.endpoint, kExample)) {
    const auto parsed = ParseHostAndPort(target.endpoint);
    if (!parsed || parsed->port == 0)
      reader.Fail("endpoint", absl::StrCat("endpoint takes HOST:PORT without a protocol, not ",
                                           InQuotes(target.endpoint), "; write \"endpoint: ",
                                           kExample, "\", and \"tls: true\" to encrypt"));
  }
  const YamlMember* const tls = reader.map().Find("tls");
  if (tls != nullptr && tls->value.is_text())
    reader.Switch("tls", target.tls.enabled);
  else
    ReadTls(reader, tls != nullptr, "", target.tls);
  ReadHeaders(reader, target.headers);
  if (reader.SecretSource("token", target.token) && !target.tls.enabled)
    reader.Warn("token",
                "the token is sent over a connection that is not encrypted; write \"tls: "
                "true\"");
  reader.Time("timeout", std::chrono::milliseconds(100), std::chrono::minutes(10), target.timeout,
              "10s");
  return target;
}

}  // namespace capmon
