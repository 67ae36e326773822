// SPDX-License-Identifier: Apache-2.0
// The reviewed table of kernel functions that ask for a capability, and what each question means.
// Data: daemon/profile/call_sites.tsv, embedded in the binary, replaceable with --call-sites FILE.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/model/kernel_event.h"
#include "daemon/profile/programs.h"

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

// What is particular about a row; a bit set of these.
enum SiteFlag : unsigned {
  kTolerated = 1 << 0,   // the call fails when refused, and programs go on
  kMinor = 1 << 1,       // the loss is so rarely noticed that it is not kept for this alone
  kInBand = 1 << 2,      // the answer comes in a message: the return value says nothing
  kRootExempt = 1 << 3,  // user 0 passes without
  kUnaudited = 1 << 4,   // only for checks known to carry CAP_OPT_NOAUDIT
};

// One row. Empty lists match anything. Functions spell system call entries "sys_NAME", whatever
// the architecture puts before it.
struct CallSite {
  int number = 0;                     // the row's own number, quoted in documents
  std::string function;               // nearest function above the kernel's capable() wrappers
  std::vector<std::string> callers;   // one of them must be further up the stack
  std::vector<std::string> syscalls;  // must be the system call
  std::vector<Capability> capabilities;
  SiteClass site_class = SiteClass::kRequired;
  unsigned flags = 0;                    // enum SiteFlag
  std::vector<Capability> alternatives;  // the whole group, least powerful first
  std::vector<int> denial_errnos;
  std::string kernels;  // for readers: ">=6.4", "" for all
  std::string purpose;  // completes "socket(2) by PROGRAM, to ...": "open a raw or packet socket"

  bool Is(SiteFlag flag) const { return flags & flag; }
};

class CallSites {
 public:
  // The table built into this binary.
  static const CallSites& BuiltIn();
  // INVALID_ARGUMENT with line number for a table that cannot be read.
  static absl::StatusOr<CallSites> Parse(std::string_view text);

  // The most specific row for this check: one naming a caller beats one naming a system call,
  // which beats one naming only the function. Null when the site is unknown.
  //
  // A helper may be a frame of its own in one kernel and inlined in another. If the site has no
  // row, the two frames above it are tried; only for rows that make the capability count, because
  // an unknown function may well ask a harder question than the known one that called it.
  const CallSite* Find(const CheckKey& key, const std::vector<std::string>& callers) const;

  // The other capabilities with which `capability` can stand in at this function, by any row.
  CapabilitySet PartnersOf(const std::string& function, Capability capability) const;

  const std::vector<CallSite>& rows() const { return rows_; }

  // What is known of programs goes along; the built-in table unless another is given.
  const Programs& programs() const { return programs_; }
  void Use(Programs programs) { programs_ = std::move(programs); }

 private:
  const CallSite* FindAt(const std::string& function, const CheckKey& key,
                         const std::vector<std::string>& callers) const;

  std::vector<CallSite> rows_;  // sorted by function, most specific first
  Programs programs_ = Programs::BuiltIn();
};

// "__x64_sys_chroot", "__do_sys_chroot" and the like -> "sys_chroot"; others as they are.
std::string SiteName(std::string_view function);

}  // namespace capmon
