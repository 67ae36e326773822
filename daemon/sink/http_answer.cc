// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/http_answer.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/json.h"

namespace capmon {
namespace {

using Json = nlohmann::json;
using Preset = HttpTarget::Preset;

// The sink shortens it once secrets are removed: one that is cut could not be found.
constexpr size_t kMostShown = 128 << 10;

absl::StatusCode CodeOf(long code) {
  if (code >= 200 && code < 300) return absl::StatusCode::kOk;
  switch (code) {
    case 401: return absl::StatusCode::kUnauthenticated;
    case 403: return absl::StatusCode::kPermissionDenied;
    // The address is wrong, not the message.
    case 404:
    case 405:
    case 407: return absl::StatusCode::kFailedPrecondition;
    case 408:
    case 421:
    case 425:
    case 429: return absl::StatusCode::kUnavailable;
    default: break;
  }
  if (code >= 300 && code < 400) return absl::StatusCode::kFailedPrecondition;
  return code >= 400 && code < 500 ? absl::StatusCode::kInvalidArgument
                                   : absl::StatusCode::kUnavailable;
}

// A wrong index (7) or a missing or wrong channel (10, 11): the settings, not the message.
bool IsSplunkSetting(const std::string& body) {
  return std::set<int>{7, 10, 11}.contains(NumberAt(ParseJson(body), {"code"}));
}

absl::Status ItemStatus(const Json& item) {
  const Json* const create = At(item, {"create"});
  if (create == nullptr) return absl::UnavailableError("an item of the answer has no result");
  const int code = NumberAt(*create, {"status"});
  if (code == 409) return absl::OkStatus();  // it has the message already
  const absl::StatusCode meaning = CodeOf(code);
  if (meaning == absl::StatusCode::kOk) return absl::OkStatus();
  return absl::Status(meaning,
                      absl::StrCat("status ", code, ", ", TextAt(*create, {"error", "type"}), ": ",
                                   TextAt(*create, {"error", "reason"})));
}

SendResult JudgeItems(size_t messages, const std::string& body) {
  SendResult result;
  const Json answer = ParseJson(body);
  const Json* const items = At(answer, {"items"});
  if (items == nullptr || !items->is_array() || items->size() != messages) {
    result.status = absl::UnavailableError("the answer is not that of Elasticsearch's _bulk");
    return result;
  }
  for (const Json& item : *items) {
    const absl::Status status = ItemStatus(item);
    if (absl::IsInvalidArgument(status)) {
      result.refused.emplace_back(result.settled, std::string(status.message()));
    } else if (!status.ok()) {
      result.status = status;
      return result;
    }
    ++result.settled;
  }
  return result;
}

}  // namespace

absl::Status MeaningOf(Preset preset, long code, const std::string& body) {
  absl::StatusCode meaning = CodeOf(code);
  if (meaning == absl::StatusCode::kOk) return absl::OkStatus();
  if (preset == Preset::kSplunk && code == 400 && IsSplunkSetting(body))
    meaning = absl::StatusCode::kFailedPrecondition;
  return absl::Status(meaning, absl::StrCat("the receiver answered ", code,
                                            body.empty() ? "" : ": ", body.substr(0, kMostShown)));
}

SendResult JudgeAnswer(Preset preset, size_t messages, long code, const std::string& body) {
  SendResult result;
  result.status = MeaningOf(preset, code, body);
  if (!result.status.ok()) return result;
  if (preset == Preset::kElastic) return JudgeItems(messages, body);
  result.settled = messages;
  return result;
}

std::optional<uint64_t> SplunkAckId(const std::string& body) {
  const Json answer = ParseJson(body);
  const Json* const id = At(answer, {"ackId"});
  if (id == nullptr || !id->is_number_unsigned()) return std::nullopt;
  return id->get<uint64_t>();
}

bool SplunkHasIndexed(const std::string& body, uint64_t id) {
  return FlagAt(ParseJson(body), {"acks", std::to_string(id).c_str()});
}

}  // namespace capmon
