// SPDX-License-Identifier: Apache-2.0
// What all connections through libcurl have in common.
#pragma once

#include <curl/curl.h>

#include <array>
#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/sink/sink_settings.h"

namespace capmon {

class CurlHandle {
 public:
  // UNAVAILABLE if libcurl cannot start.
  static absl::StatusOr<CurlHandle> Make();

  CURL* get() const { return handle_.get(); }
  template <typename Value>
  void Set(CURLoption option, Value value) {
    curl_easy_setopt(handle_.get(), option, value);
  }
  // Ends a transfer soon after `stop` is requested.
  void StopWith(const std::stop_token* stop);
  // Certificates, and the name that the server's must have.
  void SetTls(const TlsSettings& tls, const std::string& host, uint16_t port);
  // "what: reason" with libcurl's own explanation. A certificate that does not fit is
  // FAILED_PRECONDITION: only a person can fix it.
  absl::Status Status(CURLcode code, const std::string& what) const;

 private:
  using Error = std::array<char, CURL_ERROR_SIZE>;
  explicit CurlHandle(CURL* handle);

  struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  struct FreeHandle {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  std::unique_ptr<Error> error_;
  std::unique_ptr<curl_slist, FreeList> connect_to_;
  std::unique_ptr<CURL, FreeHandle> handle_;  // last: it refers to the others
};

}  // namespace capmon
