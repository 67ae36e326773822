// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/stream_connection.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMilliseconds = 100;
// With TLS 1.3 a server refuses a client's certificate after the client's handshake has succeeded.
constexpr int kVerdictMilliseconds = 500;

bool Wait(curl_socket_t socket, short events, int milliseconds) {
  pollfd ready = {socket, events, 0};
  return ::poll(&ready, 1, milliseconds) > 0;
}

std::string Bracketed(const std::string& host) {
  return host.find(':') == host.npos || host.starts_with('[') ? host : absl::StrCat("[", host, "]");
}

}  // namespace

absl::StatusOr<std::unique_ptr<StreamConnection>> StreamConnection::Open(const std::string& host,
                                                                         uint16_t port,
                                                                         const TlsSettings* tls,
                                                                         std::stop_token stop) {
  auto curl = CurlHandle::Make();
  if (!curl.ok()) return curl.status();
  const std::string address = absl::StrCat(Bracketed(host), ":", port);
  std::unique_ptr<StreamConnection> connection(new StreamConnection(
      *std::move(curl), absl::StrCat(tls != nullptr ? "tls://" : "tcp://", address)));
  std::string url = absl::StrCat(tls != nullptr ? "https://" : "http://", address);
  if (tls != nullptr) {
    connection->curl_.SetTls(*tls, Bracketed(host), port);
    if (!tls->server_name.empty()) url = absl::StrCat("https://", tls->server_name, ":", port);
  }
  if (absl::Status status = connection->Connect(url, stop); !status.ok()) return status;
  if (tls != nullptr && !tls->certificate_file.empty()) connection->AwaitVerdict();
  if (absl::Status status = connection->CheckOpen(); !status.ok()) {
    if (tls == nullptr || tls->certificate_file.empty()) return status;
    return absl::FailedPreconditionError(absl::StrCat(
        std::string(status.message()), " (does the receiver accept the client's certificate?)"));
  }
  return connection;
}

absl::Status StreamConnection::Connect(const std::string& url, std::stop_token stop) {
  curl_.Set(CURLOPT_URL, url.c_str());
  curl_.Set(CURLOPT_CONNECT_ONLY, 1L);
  curl_.Set(CURLOPT_PROXY, "");  // ignores https_proxy: this is no HTTP
  curl_.Set(CURLOPT_SSL_ENABLE_ALPN, 0L);
  curl_.Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kPatience.count()));
  curl_.StopWith(&stop);
  const CURLcode code = curl_easy_perform(curl_.get());
  curl_.Set(CURLOPT_NOPROGRESS, 1L);
  if (code != CURLE_OK) return curl_.Status(code, absl::StrCat("connect to ", name_));
  if (curl_easy_getinfo(curl_.get(), CURLINFO_ACTIVESOCKET, &socket_) != CURLE_OK ||
      socket_ == CURL_SOCKET_BAD)
    return absl::UnavailableError(absl::StrCat("connect to ", name_, ": there is no socket"));
  return absl::OkStatus();
}

// Waits for the server's first bytes after the handshake: session tickets, or an alert.
void StreamConnection::AwaitVerdict() { Wait(socket_, POLLIN, kVerdictMilliseconds); }

absl::Status StreamConnection::CheckOpen() {
  std::array<char, 4096> ignored;
  while (true) {
    size_t size = 0;
    const CURLcode code = curl_easy_recv(curl_.get(), ignored.data(), ignored.size(), &size);
    if (code == CURLE_AGAIN) return absl::OkStatus();
    if (code != CURLE_OK) return curl_.Status(code, absl::StrCat("send to ", name_));
    if (size == 0)
      return absl::UnavailableError(
          absl::StrCat("send to ", name_, ": the receiver closed the connection"));
  }
}

absl::Status StreamConnection::Write(const std::string& bytes, std::stop_token stop) {
  Clock::time_point end = Clock::now() + kPatience;
  size_t done = 0;
  while (done < bytes.size()) {
    size_t size = 0;
    const CURLcode code =
        curl_easy_send(curl_.get(), bytes.data() + done, bytes.size() - done, &size);
    if (code == CURLE_OK) {
      done += size;
      end = Clock::now() + kPatience;
      continue;
    }
    if (code != CURLE_AGAIN) return curl_.Status(code, absl::StrCat("send to ", name_));
    if (stop.stop_requested())
      return absl::CancelledError(absl::StrCat("send to ", name_, ": stopping"));
    if (Clock::now() > end)
      return absl::DeadlineExceededError(
          absl::StrCat("send to ", name_, ": the receiver reads nothing"));
    Wait(socket_, POLLOUT, kPollMilliseconds);
  }
  return absl::OkStatus();
}

absl::Status StreamConnection::AwaitReceipt(std::stop_token stop) {
  const Clock::time_point end = Clock::now() + kPatience;
  std::chrono::microseconds pause(50);
  while (true) {
    int unacknowledged = 0;
    if (::ioctl(socket_, SIOCOUTQ, &unacknowledged) != 0 || unacknowledged == 0) return CheckOpen();
    if (stop.stop_requested())
      return absl::CancelledError(absl::StrCat("send to ", name_, ": stopping"));
    if (Clock::now() > end)
      return absl::DeadlineExceededError(
          absl::StrCat("send to ", name_, ": the receiver's machine acknowledges nothing"));
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, std::chrono::microseconds(20'000));
  }
}

}  // namespace capmon
