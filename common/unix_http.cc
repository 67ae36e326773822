// SPDX-License-Identifier: Apache-2.0
#include "common/unix_http.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

struct Exchange {
  std::string body;  // for a stream: the current line
  size_t max_bytes;
  bool too_long = false;
  std::stop_token stop;
  std::function<void(const std::string& line)> on_line = {};  // set for a stream
  curl_socket_t connection = CURL_SOCKET_BAD;
  uid_t peer = HttpAnswer().peer;
};

curl_socket_t OnOpen(void* user, curlsocktype, curl_sockaddr* address) {
  auto& connection = static_cast<Exchange*>(user)->connection;
  connection = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  return connection;
}

// Called with the connection open, which libcurl may close before the exchange returns.
size_t OnHeader(char*, size_t, size_t bytes, void* user) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  ucred peer = {};
  socklen_t size = sizeof(peer);
  if (::getsockopt(exchange.connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0)
    exchange.peer = peer.uid;
  return bytes;
}

size_t OnBody(char* data, size_t, size_t bytes, void* user) {
  Exchange& exchange = *static_cast<Exchange*>(user);
  exchange.too_long = exchange.body.size() + bytes > exchange.max_bytes;
  if (exchange.too_long) return 0;  // ends the transfer
  exchange.body.append(data, bytes);
  if (!exchange.on_line) return bytes;
  for (size_t end; (end = exchange.body.find('\n')) != exchange.body.npos;) {
    exchange.on_line(exchange.body.substr(0, end));
    exchange.body.erase(0, end + 1);
  }
  return bytes;
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(user)->stop.stop_requested() ? 1 : 0;
}

absl::Status ToStatus(CURLcode result, const Exchange& exchange, long os_error,
                      const std::string& what) {
  if (exchange.too_long)
    return absl::ResourceExhaustedError(
        absl::StrCat(what, ": the answer is longer than ", exchange.max_bytes, " bytes"));
  if (result == CURLE_ABORTED_BY_CALLBACK) return absl::CancelledError(what + ": stopping");
  if (result == CURLE_OPERATION_TIMEDOUT)
    return absl::DeadlineExceededError(what + ": no answer in time");
  const int error = static_cast<int>(os_error);
  if (result != CURLE_COULDNT_CONNECT || error == 0)
    return absl::UnavailableError(absl::StrCat(what, ": ", curl_easy_strerror(result)));
  if (error == ENOENT || error == ECONNREFUSED)
    return absl::NotFoundError(absl::StrCat(what, ": ", std::strerror(error)));
  if (error == EACCES || error == EPERM)
    return absl::PermissionDeniedError(absl::StrCat(what, ": ", std::strerror(error)));
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(error)));
}

using Headers = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

// Sends an empty body with POST, so that the request has a length.
Headers SetRequest(CURL* curl, const HttpRequest& request) {
  Headers headers(nullptr, curl_slist_free_all);
  if (request.method == "GET") return headers;
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method != "POST") return headers;
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.json.size()));
  curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, request.json.c_str());
  // An empty "Expect:" sends the body without waiting for "100 Continue".
  headers.reset(curl_slist_append(nullptr, "Expect:"));
  curl_slist_append(headers.get(), "Content-Type: application/json");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  return headers;
}

// Returns the code of the answer. A `patience` of zero waits without limit.
absl::StatusOr<long> Perform(const std::string& socket, const HttpRequest& request,
                             std::chrono::milliseconds patience, Exchange& exchange) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, void (*)(CURL*)> easy(curl_easy_init(), curl_easy_cleanup);
  const std::string what = absl::StrCat(
      "ask ", socket, request.method == "GET" ? " for " : " to " + request.method + " ",
      request.target);
  if (ready != CURLE_OK || !easy) return absl::UnavailableError(what + ": libcurl cannot start");

  CURL* curl = easy.get();
  curl_easy_setopt(curl, CURLOPT_URL, absl::StrCat("http://localhost", request.target).c_str());
  curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");  // ignores http_proxy
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(patience.count()));
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, OnOpen);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, OnProgress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);
  if (exchange.on_line) curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  const Headers headers = SetRequest(curl, request);

  const CURLcode result = curl_easy_perform(curl);
  long os_error = 0;
  long code = 0;
  curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &os_error);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
  if (result != CURLE_OK) return ToStatus(result, exchange, os_error, what);
  return code;
}

}  // namespace

absl::StatusOr<HttpAnswer> AskOverUnixSocket(const std::string& socket, const HttpRequest& request,
                                             const HttpLimits& limits, std::stop_token stop) {
  Exchange exchange{.body = {}, .max_bytes = limits.max_bytes, .stop = stop};
  const absl::StatusOr<long> code = Perform(socket, request, limits.patience, exchange);
  if (!code.ok()) return code.status();
  return HttpAnswer{*code, std::move(exchange.body), exchange.peer};
}

absl::Status StreamOverUnixSocket(const std::string& socket, const std::string& target,
                                  const std::function<void(const std::string& line)>& on_line,
                                  std::stop_token stop) {
  Exchange exchange{.body = {}, .max_bytes = kMaxStreamedLine, .stop = stop, .on_line = on_line};
  return Perform(socket, {.target = target}, std::chrono::milliseconds(0), exchange).status();
}

}  // namespace capmon
