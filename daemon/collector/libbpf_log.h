// SPDX-License-Identifier: Apache-2.0
// What libbpf says, above all the verifier's log of a program that the kernel refuses. One for the
// process, as libbpf's print function is.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace capmon {

// Collects warnings in a new log from now on, instead of having them on stderr. Bounded: of more,
// the end is kept.
void StartLibbpfLog();
// The log since then, and those before it.
std::string LibbpfLog();
std::string EarlierLibbpfLogs();

// The error of a load that failed with `error`, an errno, explained by `log`. Kernels answer EACCES
// to a program that the verifier refuses as well as to a caller without permission; only the
// verifier writes a log. UNAVAILABLE for the former.
absl::Status LoadError(int error, std::string_view log);

// The last lines that say something, joined by " | "; each is cut where it would be endless.
std::string LastLines(std::string_view log, size_t lines = 5);

}  // namespace capmon
