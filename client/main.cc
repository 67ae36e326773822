// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "client/cli/cli.h"

int main(int argc, char** argv) {
  // Opens missing standard streams first: otherwise a socket could get number 1 and receive our
  // output.
  while (true) {
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd > STDERR_FILENO) ::close(fd);
    if (fd < 0 || fd > STDERR_FILENO) break;
  }
  std::signal(SIGPIPE, SIG_IGN);  // Write() reports a closed reader
  return capmon::RunCli(argc, argv);
}
