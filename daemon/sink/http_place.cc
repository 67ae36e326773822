// SPDX-License-Identifier: Apache-2.0
// The address of an HTTP receiver, from its settings.
#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "daemon/sink/http_body.h"
#include "daemon/sink/http_transport.h"
#include "daemon/sink/secret.h"

namespace capmon {
namespace {

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

std::string Part(const Url& url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, flags) != CURLUE_OK) return "";
  std::string copy = text;
  curl_free(text);
  return copy;
}

bool IsHeader(std::string_view name, std::string_view value) {
  constexpr std::string_view kNotInNames = " \t:()<>@,;\\\"/[]?={}";
  for (const unsigned char byte : name)
    if (byte <= 0x20 || byte >= 0x7f || kNotInNames.find(static_cast<char>(byte)) != name.npos)
      return false;
  for (const unsigned char byte : value)
    if (byte < 0x20 || byte == 0x7f) return false;
  return !name.empty();
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpTransport>> HttpTransport::Make(const HttpTarget& target,
                                                                   AlertFormat format,
                                                                   const Sensor& sensor) {
  for (const auto& [name, value] : target.headers)
    if (!IsHeader(name, value))
      return absl::InvalidArgumentError(absl::StrCat("'", name, "' is no header of HTTP"));
  std::unique_ptr<HttpTransport> transport(new HttpTransport(target, format, sensor));
  if (absl::Status status = transport->FindPlace(); !status.ok()) return status;
  return transport;
}

absl::Status HttpTransport::FindPlace() {
  const Url url(curl_url());
  const auto fault = [&](const char* why) {
    return absl::InvalidArgumentError(absl::StrCat("the URL of an HTTP receiver ", why));
  };
  // The address of a webhook may be a secret itself.
  std::string address = target_.url;
  if (address.starts_with("file:/") || address.starts_with("env:")) {
    auto read = ReadSecret({address});
    if (!read.ok()) return read.status();
    address = *std::move(read);
  }
  if (!url || curl_url_set(url.get(), CURLUPART_URL, address.c_str(), 0) != CURLUE_OK)
    return fault("cannot be read; write https://HOST:PORT/PATH");
  const std::string scheme = Part(url, CURLUPART_SCHEME);
  if (scheme != "https" && scheme != "http") return fault("must begin with https:// or http://");
  if (!Part(url, CURLUPART_PASSWORD).empty())
    return fault("contains a password; write it into a file and name that in `password`");
  if (Part(url, CURLUPART_PATH) == "/")
    curl_url_set(url.get(), CURLUPART_PATH, TraitsOf(target_.preset).path, 0);
  place_.host = Part(url, CURLUPART_HOST);
  place_.port = static_cast<uint16_t>(std::stoi(Part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT)));
  const std::string& name = target_.tls.server_name;
  if (!name.empty() && name != place_.host) {
    place_.host_header = absl::StrCat("Host: ", place_.host, ":", place_.port);
    curl_url_set(url.get(), CURLUPART_HOST, name.c_str(), 0);
  }
  place_.url = Part(url, CURLUPART_URL);
  curl_url_set(url.get(), CURLUPART_PATH, "/services/collector/ack", 0);
  curl_url_set(url.get(), CURLUPART_QUERY, absl::StrCat("channel=", channel_).c_str(), 0);
  place_.acknowledgements = Part(url, CURLUPART_URL);
  return absl::OkStatus();
}

}  // namespace capmon
