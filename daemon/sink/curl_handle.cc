// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/curl_handle.h"

#include <cstring>

#include "absl/strings/str_cat.h"

namespace capmon {
namespace {

int OnProgress(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

bool IsTlsFault(CURLcode code) {
  switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS: return true;
    default: return false;
  }
}

}  // namespace

absl::StatusOr<CurlHandle> CurlHandle::Make() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* const handle = ready == CURLE_OK ? curl_easy_init() : nullptr;
  if (handle == nullptr) return absl::UnavailableError("libcurl cannot start");
  return CurlHandle(handle);
}

CurlHandle::CurlHandle(CURL* handle) : error_(std::make_unique<Error>()), handle_(handle) {
  error_->front() = '\0';
  Set(CURLOPT_ERRORBUFFER, error_->data());
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  Set(CURLOPT_TCP_KEEPALIVE, 1L);
  Set(CURLOPT_TCP_KEEPIDLE, 30L);
  Set(CURLOPT_TCP_KEEPINTVL, 10L);
}

void CurlHandle::StopWith(const std::stop_token* stop) {
  Set(CURLOPT_NOPROGRESS, 0L);
  Set(CURLOPT_XFERINFOFUNCTION, OnProgress);
  Set(CURLOPT_XFERINFODATA, const_cast<std::stop_token*>(stop));
}

void CurlHandle::SetTls(const TlsSettings& tls, const std::string& host, uint16_t port) {
  if (!tls.ca_file.empty()) {
    Set(CURLOPT_CAINFO, tls.ca_file.c_str());
    Set(CURLOPT_CAPATH, nullptr);
  }
  if (!tls.certificate_file.empty()) Set(CURLOPT_SSLCERT, tls.certificate_file.c_str());
  if (!tls.key_file.empty()) Set(CURLOPT_SSLKEY, tls.key_file.c_str());
  Set(CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
  Set(CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
  if (tls.server_name.empty() || tls.server_name == host) return;
  // The URL then has the server's name, which is verified; the connection goes to the address.
  const std::string to = absl::StrCat(tls.server_name, ":", port, ":", host, ":", port);
  connect_to_.reset(curl_slist_append(nullptr, to.c_str()));
  Set(CURLOPT_CONNECT_TO, connect_to_.get());
}

absl::Status CurlHandle::Status(CURLcode code, const std::string& what) const {
  if (code == CURLE_OK) return absl::OkStatus();
  if (code == CURLE_ABORTED_BY_CALLBACK) return absl::CancelledError(what + ": stopping");
  const char* const reason = error_->front() != '\0' ? error_->data() : curl_easy_strerror(code);
  const std::string sentence = absl::StrCat(what, ": ", reason);
  if (IsTlsFault(code)) return absl::FailedPreconditionError(sentence);
  if (code == CURLE_OPERATION_TIMEDOUT) return absl::DeadlineExceededError(sentence);
  return absl::UnavailableError(sentence);
}

}  // namespace capmon
