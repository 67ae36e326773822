// SPDX-License-Identifier: Apache-2.0
// The tables of --call-sites and --programs.
#include "daemon/profile/call_sites.h"
#include "daemon/profile/programs.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const std::string_view text = AsText(data, size);
  CheckKey key;
  key.capability = 13;
  key.syscall = "socket";
  if (const auto sites = CallSites::Parse(text); sites.ok()) {
    for (const CallSite& row : sites->rows()) {
      key.site = row.function;
      sites->Find(key, row.callers);
      sites->PartnersOf(row.function, 13);
    }
  }
  if (const auto programs = Programs::Parse(text); programs.ok())
    programs->Find("/usr/bin/ps", Habit::kGoesOn, key);
  return 0;
}
