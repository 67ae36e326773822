// SPDX-License-Identifier: Apache-2.0
#include "client/commands/sink_command.h"

#include <sstream>

#include "absl/strings/str_cat.h"
#include "client/base/exit_code.h"
#include "client/base/quoted.h"
#include "client/base/text.h"
#include "client/commands/show.h"
#include "client/render/sink_list.h"
#include "client/rpc/daemon.h"

namespace capmon {
namespace {

// A receiver answers within its timeout, which is ten minutes at most.
constexpr std::chrono::seconds kTestPatience(610);
constexpr std::chrono::seconds kAnswerPatience(15);

template <typename Request, typename Response>
absl::StatusOr<Response> Query(const Settings& settings,
                               grpc::Status (Daemon::Stub::*method)(grpc::ClientContext*,
                                                                    const Request&, Response*),
                               const Request& request, std::chrono::milliseconds patience) {
  auto daemon = Daemon::Connect(settings.address);
  if (!daemon.ok()) return daemon.status();
  daemon->set_listed_by("capmon sink list");
  return daemon->Call(method, request, patience);
}

// Prints the answer as a document, or the sentence.
absl::StatusOr<int> Answer(const google::protobuf::Message& message, const Settings& settings,
                           const std::string& sentence, bool good) {
  const absl::Status printed =
      Show(message, settings, [&](std::ostream& out) { out << sentence << "\n"; });
  if (!printed.ok()) return printed;
  return good ? kExitOk : kExitDifference;
}

absl::StatusOr<int> ListSinks(const Settings& settings) {
  const auto sinks =
      Query(settings, &Daemon::Stub::ListSinks, v1::ListSinksRequest(), Daemon::kPatience);
  if (!sinks.ok()) return sinks.status();
  std::ostringstream out;
  RenderSinks(out, sinks->sinks(), settings);
  std::string text = out.str();
  if (sinks->sinks().empty()) text = "there are no sinks; see sinks in capmond.yaml\n";
  text.pop_back();
  return Answer(*sinks, settings, text, true);
}

absl::StatusOr<int> TestSink(const Settings& settings, const std::string& name) {
  v1::TestSinkRequest request;
  request.set_name(name);
  const auto answer = Query(settings, &Daemon::Stub::TestSink, request, kTestPatience);
  if (!answer.ok()) return answer.status();
  const std::string sentence =
      answer->accepted() ? absl::StrCat("The receiver of ", Printable(name), " accepted the test.")
                         : absl::StrCat("The receiver of ", Printable(name),
                                        " did not accept the test: ", Printable(answer->error()));
  return Answer(*answer, settings, sentence, answer->accepted());
}

absl::StatusOr<int> FlushSink(const Settings& settings, const std::string& name,
                              int patience_seconds) {
  v1::FlushSinkRequest request;
  request.set_name(name);
  request.set_patience_seconds(static_cast<uint32_t>(patience_seconds));
  const auto answer = Query(settings, &Daemon::Stub::FlushSink, request,
                            std::chrono::seconds(patience_seconds) + kAnswerPatience);
  if (!answer.ok()) return answer.status();
  const std::string sentence =
      answer->done() ? absl::StrCat("Nothing waits for ", Printable(name), ".")
                     : absl::StrCat(Printable(name), ": ", Printable(answer->error()));
  return Answer(*answer, settings, sentence, answer->done());
}

}  // namespace

absl::StatusOr<int> SinkCommand(const Settings& settings, const std::vector<std::string>& words,
                                int patience_seconds) {
  const std::string action = words.empty() ? "list" : words[0];
  if (action == "list" && words.size() <= 1) return ListSinks(settings);
  if (action == "list") return absl::InvalidArgumentError("capmon sink list takes no name");
  if (action != "test" && action != "flush")
    return absl::InvalidArgumentError(
        absl::StrCat("capmon sink takes list, test or flush, not ", Quoted(action)));
  if (words.size() != 2)
    return absl::InvalidArgumentError(
        absl::StrCat("capmon sink ", action, " takes the name of a sink; see capmon sink list"));
  return action == "test" ? TestSink(settings, words[1])
                          : FlushSink(settings, words[1], patience_seconds);
}

}  // namespace capmon
