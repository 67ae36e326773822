// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <csignal>

#include "client/cli/cli.h"

int main(int argc, char** argv) {
  // Started with a standard stream closed, a socket would take its number and get our output.
  while (true) {
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd > STDERR_FILENO) ::close(fd);
    if (fd < 0 || fd > STDERR_FILENO) break;
  }
  std::signal(SIGPIPE, SIG_IGN);  // a reader that leaves is met by Write()
  return capmon::RunCli(argc, argv);
}
