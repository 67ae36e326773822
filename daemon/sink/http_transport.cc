// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/http_transport.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "daemon/sink/gzip.h"
#include "daemon/sink/http_answer.h"
#include "daemon/sink/http_body.h"
#include "daemon/sink/secret.h"

namespace capmon {
namespace {

using Preset = HttpTarget::Preset;

constexpr size_t kMaxAnswer = 4 << 20;
constexpr std::chrono::milliseconds kAskPeriod(200), kAskStep(20);
constexpr std::chrono::seconds kIndexingPatience(60);

size_t OnBody(char* data, size_t, size_t bytes, void* user) {
  std::string& body = *static_cast<std::string*>(user);
  body.append(data, std::min(bytes, kMaxAnswer - std::min(kMaxAnswer, body.size())));
  return bytes;  // the rest is read and ignored, so that the connection can be used again
}

// A random UUID (version 4).
std::string NewChannel() {
  std::random_device random;
  const uint32_t a = random(), b = random(), c = random(), d = random();
  return absl::StrFormat("%08x-%04x-4%03x-%04x-%04x%08x", a, b >> 16, b & 0xfff,
                         0x8000 | (c >> 16 & 0x3fff), c & 0xffff, d);
}

class HeaderList {
 public:
  ~HeaderList() { curl_slist_free_all(list_); }
  void Add(const std::string& line) { list_ = curl_slist_append(list_, line.c_str()); }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

}  // namespace

HttpTransport::HttpTransport(const HttpTarget& target, AlertFormat format, const Sensor& sensor)
    : target_(target), format_(format), sensor_(sensor), channel_(NewChannel()) {}

absl::Status HttpTransport::Reopen() {
  connect_again_ = true;
  return absl::OkStatus();
}

SendResult HttpTransport::Send(const std::vector<FeedMessage>& batch, std::stop_token stop) {
  SendResult result;
  const size_t group = TraitsOf(target_.preset).max_messages;
  const std::span<const FeedMessage> all(batch);
  while (result.settled < all.size()) {
    if (stop.stop_requested()) {
      result.status = absl::CancelledError("stopping");
      return result;
    }
    const SendResult part =
        SendGroup(all.subspan(result.settled, std::min(group, all.size() - result.settled)), stop);
    for (const auto& [index, reason] : part.refused)
      result.refused.emplace_back(result.settled + index, reason);
    result.settled += part.settled;
    if (part.status.ok() && part.settled != 0) continue;
    result.status = part.status;
    result.retry_after = part.retry_after;
    return result;
  }
  return result;
}

// A request that is refused for good is sent again message by message, to find the faulty one.
SendResult HttpTransport::SendGroup(std::span<const FeedMessage> messages, std::stop_token stop) {
  SendResult result = SendRequest(messages, stop);
  if (!absl::IsInvalidArgument(result.status)) return result;
  if (messages.size() == 1) {
    SendResult refused;
    refused.settled = 1;
    refused.refused.emplace_back(0, std::string(result.status.message()));
    return refused;
  }
  result = {};
  for (const FeedMessage& message : messages) {
    SendResult one = SendGroup({&message, 1}, stop);
    if (!one.refused.empty())
      result.refused.emplace_back(result.settled, std::move(one.refused[0].second));
    result.settled += one.settled;
    result.status = std::move(one.status);
    result.retry_after = one.retry_after;
    if (one.settled == 0) break;
  }
  return result;
}

SendResult HttpTransport::SendRequest(std::span<const FeedMessage> messages, std::stop_token stop) {
  SendResult result;
  const bool json = format_ != AlertFormat::kCef || target_.preset != Preset::kPlain;
  const auto answer =
      Post(place_.url, HttpBody(target_, format_, sensor_, messages),
           json ? TraitsOf(target_.preset).content_type : "text/plain; charset=utf-8", stop);
  if (!answer.ok()) {
    result.status = answer.status();
    return result;
  }
  result = JudgeAnswer(target_.preset, messages.size(), answer->code, answer->body);
  result.retry_after = answer->retry_after;
  if (!result.status.ok() || target_.preset != Preset::kSplunk || !target_.acknowledge)
    return result;
  result.status = AwaitIndexing(answer->body, stop);
  if (!result.status.ok()) result.settled = 0;
  return result;
}

absl::StatusOr<std::string> HttpTransport::Authorization() const {
  const auto token = ReadSecret(target_.token);
  if (!token.ok()) return token.status();
  if (!token->empty()) {
    const char* const scheme = target_.preset == Preset::kSplunk    ? "Splunk "
                               : target_.preset == Preset::kElastic ? "ApiKey "
                                                                    : "Bearer ";
    return absl::StrCat("Authorization: ", scheme, *token);
  }
  if (target_.user.empty()) return "";
  const auto password = ReadSecret(target_.password);
  if (!password.ok()) return password.status();
  return absl::StrCat("Authorization: Basic ",
                      absl::Base64Escape(absl::StrCat(target_.user, ":", *password)));
}

absl::Status HttpTransport::Connect() {
  if (connect_again_.exchange(false)) curl_.reset();
  if (curl_) return absl::OkStatus();
  auto curl = CurlHandle::Make();
  if (!curl.ok()) return curl.status();
  curl_.emplace(*std::move(curl));
  curl_->SetTls(target_.tls, place_.host, place_.port);
  curl_->Set(CURLOPT_TIMEOUT_MS, static_cast<long>(target_.timeout.count()));
  curl_->Set(CURLOPT_WRITEFUNCTION, OnBody);
  return absl::OkStatus();
}

absl::StatusOr<HttpTransport::Answer> HttpTransport::Post(const std::string& url,
                                                          const std::string& body,
                                                          const std::string& content_type,
                                                          std::stop_token stop) {
  if (absl::Status status = Connect(); !status.ok()) return status;
  const auto authorization = Authorization();
  if (!authorization.ok()) return authorization.status();
  const auto sent = target_.gzip ? Gzip(body) : absl::StatusOr<std::string>(body);
  if (!sent.ok()) return sent.status();

  HeaderList headers;
  headers.Add("Expect:");  // sends the body without waiting for "100 Continue"
  headers.Add(absl::StrCat("Content-Type: ", content_type));
  if (target_.gzip) headers.Add("Content-Encoding: gzip");
  if (!place_.host_header.empty()) headers.Add(place_.host_header);
  if (!authorization->empty()) headers.Add(*authorization);
  if (target_.preset == Preset::kSplunk)
    headers.Add(absl::StrCat("X-Splunk-Request-Channel: ", channel_));
  // An empty header needs a semicolon: libcurl leaves out "Name:".
  for (const auto& [name, value] : target_.headers)
    headers.Add(value.empty() ? absl::StrCat(name, ";") : absl::StrCat(name, ": ", value));

  Answer answer;
  curl_->Set(CURLOPT_URL, url.c_str());
  curl_->Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(sent->size()));
  curl_->Set(CURLOPT_POSTFIELDS, sent->data());
  curl_->Set(CURLOPT_HTTPHEADER, headers.get());
  curl_->Set(CURLOPT_WRITEDATA, &answer.body);
  curl_->StopWith(&stop);
  const CURLcode code = curl_easy_perform(curl_->get());
  curl_->Set(CURLOPT_HTTPHEADER, nullptr);
  if (code != CURLE_OK) return curl_->Status(code, absl::StrCat("send to ", place_.host));
  curl_easy_getinfo(curl_->get(), CURLINFO_RESPONSE_CODE, &answer.code);
  curl_off_t wish = 0;
  if (curl_easy_getinfo(curl_->get(), CURLINFO_RETRY_AFTER, &wish) == CURLE_OK && wish > 0)
    answer.retry_after = std::chrono::seconds(std::min<curl_off_t>(wish, 24 * 3600));
  return answer;
}

// Requests the state of the messages until Splunk has indexed them.
absl::Status HttpTransport::AwaitIndexing(const std::string& answer, std::stop_token stop) {
  const auto id = SplunkAckId(answer);
  if (!id)
    return absl::FailedPreconditionError(
        "Splunk acknowledges nothing; enable indexer acknowledgement for this token, or unset "
        "`acknowledge`");
  const std::string question = nlohmann::json{{"acks", {*id}}}.dump();
  const auto end = std::chrono::steady_clock::now() + kIndexingPatience;
  while (std::chrono::steady_clock::now() < end) {
    const auto acknowledged = Post(place_.acknowledgements, question, "application/json", stop);
    if (!acknowledged.ok()) return acknowledged.status();
    if (absl::Status status = MeaningOf(Preset::kSplunk, acknowledged->code, acknowledged->body);
        !status.ok())
      return absl::IsInvalidArgument(status) ? absl::UnavailableError(status.message()) : status;
    if (SplunkHasIndexed(acknowledged->body, *id)) return absl::OkStatus();
    for (auto slept = kAskStep; slept < kAskPeriod && !stop.stop_requested(); slept += kAskStep)
      std::this_thread::sleep_for(kAskStep);
    if (stop.stop_requested()) return absl::CancelledError("stopping");
  }
  return absl::DeadlineExceededError("Splunk did not index the alerts in time");
}

}  // namespace capmon
