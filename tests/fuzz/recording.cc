// SPDX-License-Identifier: Apache-2.0
// A recording comes with a bug report: its lines, and what the monitor makes of such events.
#include "daemon/collector/event_text.h"
#include "daemon/monitor.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  Monitor monitor(CallSites::BuiltIn(), {});
  std::string_view rest = AsText(data, size);
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    const auto event = FromText(rest.substr(0, end));
    rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
    if (!event.ok()) continue;
    const std::string text = ToText(*event);
    const auto again = FromText(text);
    Require(again.ok(), "what is written can be read");
    Require(ToText(*again) == text, "what is read is what was written");
    monitor.Apply(*event);
  }
  monitor.Flush();
  for (const Profile& profile : monitor.Profiles()) Judge(profile, monitor.sites());
  return 0;
}
