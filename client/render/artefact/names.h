// SPDX-License-Identifier: Apache-2.0
// Names from containers, which may be anything, as names other tools accept.
#pragma once

#include <string>
#include <string_view>

namespace capmon {

// A name of Kubernetes' strictest kind, as containers and namespaces have: a to z, 0 to 9 and inner
// hyphens, 63 at most. What does not fit becomes a hyphen; nothing left becomes "unnamed"; what is
// too long ends in a hash.
std::string DnsLabel(std::string_view text);
// As workloads have: such words with dots between, 253 at most; and 63, to go into a label as well.
std::string DnsName(std::string_view text);
std::string ShortDnsName(std::string_view text);
// A service of Compose: also capitals, dots and underscores.
std::string ServiceName(std::string_view text);
// Can it be the value of a Kubernetes label, and not an empty one?
bool IsLabelValue(std::string_view text);
// One word for a POSIX shell.
std::string ShellWord(std::string_view text);

}  // namespace capmon
