// SPDX-License-Identifier: Apache-2.0
#include "client/render/sink_list.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/base/table.h"
#include "client/base/text.h"

namespace capmon {

std::string StateOf(const v1::SinkStatus& sink) {
  const uint64_t dropped = sink.dropped_queue() + sink.dropped_spool();
  if (sink.has_failing_since())
    return absl::StrCat("failing since ", FormatTime(sink.failing_since()), ": ",
                        sink.last_error());
  if (sink.has_sending_since())
    return absl::StrCat("no answer since ", FormatTime(sink.sending_since()));
  if (!sink.spool_trouble().empty()) return sink.spool_trouble();
  if (dropped > 0) return absl::StrCat("dropped ", Grouped(dropped));
  return "ok";
}

void RenderSinks(std::ostream& out, const google::protobuf::RepeatedPtrField<v1::SinkStatus>& sinks,
                 const Settings& settings) {
  std::vector<Table::Column> columns = {{"NAME"},          {"TARGET"},        {"FORMAT"},
                                        {"SENT", true},    {"WAITING", true}, {"REFUSED", true},
                                        {"DROPPED", true}, {"STATE"}};
  if (settings.wide())
    for (const char* const title : {"ACCEPTED", "RETRIES", "BYTES WAITING", "LAST SENT"})
      columns.push_back({title, true});
  Table table(columns);
  for (const v1::SinkStatus& sink : sinks) {
    std::vector<std::string> cells = {sink.name(),
                                      sink.target(),
                                      sink.format(),
                                      Grouped(sink.delivered()),
                                      Grouped(sink.waiting()),
                                      Grouped(sink.refused()),
                                      Grouped(sink.dropped_queue() + sink.dropped_spool()),
                                      StateOf(sink)};
    if (settings.wide()) {
      for (const uint64_t count : {sink.accepted(), sink.retries(), sink.waiting_bytes()})
        cells.push_back(Grouped(count));
      cells.push_back(sink.has_last_delivered() ? FormatTime(sink.last_delivered()) : "never");
    }
    table.Add(std::move(cells));
  }
  table.Print(out, settings.headers);
}

}  // namespace capmon
