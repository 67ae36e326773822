// SPDX-License-Identifier: Apache-2.0
// A tracer that makes a call which succeeded look as if it had failed.
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "walker.h"

#if defined(__x86_64__)
static void OpenRawSocket(void) {
  ptrace(PTRACE_TRACEME, 0, NULL, NULL);
  raise(SIGSTOP);
  (void)socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  _exit(0);
}

// Stops where the child's socket(2) ends.
static int WaitForEnd(pid_t child, struct user_regs_struct* registers) {
  int status;
  for (int stops = 0; stops < 64; stops++) {
    if (ptrace(PTRACE_SYSCALL, child, NULL, NULL) != 0) return -1;
    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return -1;
    if (ptrace(PTRACE_GETREGS, child, NULL, registers) != 0) return -1;
    if (registers->orig_rax == SYS_socket && (long)registers->rax != -ENOSYS) return 0;
  }
  return -1;
}

int ForgeResult(void) {
  struct user_regs_struct registers;
  int status;
  const pid_t child = fork();
  if (child == 0) OpenRawSocket();
  if (child < 0 || waitpid(child, &status, 0) != child || WaitForEnd(child, &registers) != 0)
    return -1;
  const long result = (long)registers.rax;
  registers.rax = (unsigned long)-EINVAL;
  if (ptrace(PTRACE_SETREGS, child, NULL, &registers) != 0) return -1;
  if (ptrace(PTRACE_DETACH, child, NULL, NULL) != 0) return -1;
  waitpid(child, &status, 0);
  return result >= 0 ? 0 : -1;
}
#else
int ForgeResult(void) {
  errno = ENOSYS;
  return -1;
}
#endif
