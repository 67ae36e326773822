// SPDX-License-Identifier: Apache-2.0
// The reviewed table of kernel functions that ask for a capability, and what each question means.
// Data: daemon/profile/call_sites.tsv, embedded in the binary, replaceable with --call-sites FILE.
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/model/kernel_event.h"

namespace capmon {

enum class SiteClass {
  kRequired,       // REQ: a refusal makes the operation fail
  kConditional,    // COND: asked only after an ownership or limit test failed; then decisive
  kFirst,          // FIRST: asked before a cheaper alternative, so a grant proves nothing
  kAlternative,    // ALT: any one of the listed capabilities will do
  kOpportunistic,  // OPP: outcome unaffected
  kSilent,         // SILENT: succeeds either way, something differs
  kProbe,          // PROBE: the call itself is a question
};
const char* Name(SiteClass site_class);  // "REQ", "COND", ...

// One row. Empty lists match anything.
struct CallSite {
  int number = 0;                      // the row's own number, quoted in reports
  std::string function;                // nearest function above the kernel's capable() wrappers
  std::vector<std::string> callers;    // must appear further up the stack
  std::vector<std::string> syscalls;   // must be the system call
  std::vector<Capability> capabilities;
  SiteClass site_class = SiteClass::kRequired;
  std::vector<Capability> alternatives;  // the whole group, least powerful first
  std::vector<int> denial_errnos;
  std::string reason;  // what the program did, as a clause: "opened a raw or packet socket"
};

class CallSites {
 public:
  // The table built into this binary.
  static const CallSites& BuiltIn();
  // INVALID_ARGUMENT with line number for a table that cannot be read.
  static absl::StatusOr<CallSites> Parse(std::string_view text);

  // The most specific row for this check: one naming a caller beats one naming a system call,
  // which beats one naming only the function. Null when the site is unknown.
  const CallSite* Find(const CheckKey& key, const std::vector<std::string>& callers) const;
  const std::vector<CallSite>& rows() const { return rows_; }

 private:
  std::vector<CallSite> rows_;  // sorted by function, most specific first
};

}  // namespace capmon
