// SPDX-License-Identifier: Apache-2.0
// How commands end that run until they are interrupted.
#pragma once

#include <unistd.h>

#include <csignal>

namespace capmon {

// Exits with 0 on SIGINT, which is how these commands end; output is unbuffered, so nothing is
// lost.
inline void EndQuietlyWhenInterrupted() {
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { ::_exit(0); });
}

}  // namespace capmon
