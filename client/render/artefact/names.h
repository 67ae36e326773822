// SPDX-License-Identifier: Apache-2.0
// Turns names from containers, which can contain anything, into names that other tools accept.
#pragma once

#include <string>
#include <string_view>

namespace capmon {

// Returns a name as containers and namespaces of Kubernetes need it: a to z, 0 to 9 and inner
// hyphens, at most 63. Replaces other characters by a hyphen, an empty result by "unnamed", and the
// end of a longer name by a hash.
std::string DnsLabel(std::string_view text);
// Returns a name as workloads need it: such labels with dots between, at most 253 characters;
// ShortDnsName at most 63, to fit into a label as well.
std::string DnsName(std::string_view text);
std::string ShortDnsName(std::string_view text);
// Returns the name of a Compose service: also allows capitals, dots and underscores.
std::string ServiceName(std::string_view text);
// Returns whether this can be the value of a Kubernetes label and is not empty.
bool IsLabelValue(std::string_view text);
// Quotes one word for a POSIX shell.
std::string ShellWord(std::string_view text);

}  // namespace capmon
