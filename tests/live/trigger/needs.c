// SPDX-License-Identifier: Apache-2.0
// needs WORD [ARGUMENT]: does what needs a capability although the kernel asks for none, prints the
// exit code and waits until standard input ends.
//   execute PATH      executes a program; exit 126 when that is refused
//   inherit CAP       adds a capability to its inheritable set, raises it as an ambient one and
//                     executes itself; exit 127 when that is refused
//   drop-saved        in a set-user-ID program: setuid(getuid()); exit 1 if the way back is open
//   look-and-drop CAP capget(2), then capset(2) for that one capability if it is there
//   insist CAP        capset(2) for that one capability; exit 1 when that is refused
//   done              nothing
#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct __user_cap_header_struct Self(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  return header;
}

static uint64_t Permitted(void) {
  struct __user_cap_header_struct header = Self();
  struct __user_cap_data_struct data[2] = {{0}};
  if (syscall(SYS_capget, &header, data) != 0) return 0;
  return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

static int Set(uint64_t permitted, uint64_t inheritable) {
  struct __user_cap_header_struct header = Self();
  struct __user_cap_data_struct data[2];
  for (int word = 0; word < 2; word++) {
    data[word].permitted = data[word].effective = (uint32_t)(permitted >> 32 * word);
    data[word].inheritable = (uint32_t)(inheritable >> 32 * word);
  }
  return (int)syscall(SYS_capset, &header, data);
}

static int Execute(const char* path) {
  const pid_t child = fork();
  if (child == 0) {
    execl(path, path, "done", (char*)NULL);
    _exit(errno == EPERM ? 126 : 127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

static int Inherit(int capability) {
  const uint64_t bit = UINT64_C(1) << capability;
  if (Set(Permitted(), bit) != 0) return 127;
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) != 0) return 127;
  return Execute("/proc/self/exe");
}

static int DropSaved(void) {
  if (setuid(getuid()) != 0) return 2;
  return seteuid(0) == 0 ? 1 : 0;
}

static int LookAndDrop(uint64_t bit) { return Set(Permitted() & bit, 0) != 0; }

static void Wait(void) {
  char byte;
  while (read(STDIN_FILENO, &byte, 1) == 1) continue;
}

int main(int argc, char** argv) {
  const char* word = argc > 1 ? argv[1] : "";
  const char* argument = argc > 2 ? argv[2] : "0";
  const uint64_t bit = UINT64_C(1) << (atoi(argument) & 63);
  int result = 2;
  if (strcmp(word, "execute") == 0) result = Execute(argument);
  if (strcmp(word, "inherit") == 0) result = Inherit(atoi(argument));
  if (strcmp(word, "drop-saved") == 0) result = DropSaved();
  if (strcmp(word, "look-and-drop") == 0) result = LookAndDrop(bit);
  if (strcmp(word, "insist") == 0) result = Set(bit, 0) != 0;
  if (strcmp(word, "done") == 0) return 0;
  dprintf(STDOUT_FILENO, "%d\n", result);
  Wait();
  return result;
}
