// SPDX-License-Identifier: Apache-2.0
// needs WORD [ARGUMENT]: does what needs a capability without a check, prints the
// exit code and waits until standard input ends.
//   execute PATH      executes a program; exit 126 when that is refused
//   execute-in ROOT PATH, execute-pivoted ROOT PATH
//                     the same in another root, the latter in a mount namespace of its own
//   inherit CAP       adds a capability to its inheritable set, raises it as an ambient one and
//                     executes itself; exit 127 when that is refused
//   raise CAP         raises it as an ambient one; exit 1 when that is refused
//   drop-saved        in a set-user-ID program: setuid(getuid()); exit 1 if the way back is open
//   look-and-drop CAP capget(2), then capset(2) for that one capability if it is there
//   insist CAP        capset(2) for that one capability; exit 1 when that is refused
//   execute32, raise32, look-and-drop32, insist32
//                     the same through 32-bit system calls
//   done              nothing
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool through_32_bit = false;

#if defined(__x86_64__)
static long Call32(long number, const void* first, const void* second, const void* third) {
  long result = number;
  asm volatile("int $0x80"
               : "+a"(result)
               : "b"(first), "c"(second), "d"(third), "S"(0L), "D"(0L)
               : "memory", "r8", "r9", "r10", "r11");
  if (result >= 0 || result < -4095) return result;
  errno = (int)-result;
  return -1;
}

// A copy that a 32-bit system call can address.
static void* Low(const void* data, size_t size) {
  static char* next = NULL;
  if (next == NULL)
    next = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  void* const copy = memcpy(next, data, size);
  next += (size + 15) & ~(size_t)15;
  return copy;
}

static long Capget32(const void* header, void* data, size_t size) {
  void* const low = Low(data, size);
  const long result = Call32(184, Low(header, 8), low, NULL);
  memcpy(data, low, size);
  return result;
}
static long Capset32(const void* header, const void* data, size_t size) {
  return Call32(185, Low(header, 8), Low(data, size), NULL);
}
static long Raise32(int capability) {
  return Call32(172, (void*)PR_CAP_AMBIENT, (void*)PR_CAP_AMBIENT_RAISE, (void*)(long)capability);
}
static void Execute32(const char* path) {
  char* const low = Low(path, strlen(path) + 1);
  const uint32_t arguments[] = {(uint32_t)(uintptr_t)low,
                                (uint32_t)(uintptr_t)Low("done", sizeof("done")), 0};
  Call32(11, low, Low(arguments, sizeof(arguments)), NULL);
}
#else
static long Capget32(const void* header, void* data, size_t size) {
  (void)size;
  return syscall(SYS_capget, header, data);
}
static long Capset32(const void* header, const void* data, size_t size) {
  (void)size;
  return syscall(SYS_capset, header, data);
}
static long Raise32(int capability) {
  return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
}
static void Execute32(const char* path) { execl(path, path, "done", (char*)NULL); }
#endif

static struct __user_cap_header_struct Self(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  return header;
}

static uint64_t Permitted(void) {
  struct __user_cap_header_struct header = Self();
  struct __user_cap_data_struct data[2] = {{0}};
  const long result =
      through_32_bit ? Capget32(&header, data, sizeof(data)) : syscall(SYS_capget, &header, data);
  if (result != 0) return 0;
  return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

static int Set(uint64_t permitted, uint64_t inheritable) {
  struct __user_cap_header_struct header = Self();
  struct __user_cap_data_struct data[2];
  for (int word = 0; word < 2; word++) {
    data[word].permitted = data[word].effective = (uint32_t)(permitted >> 32 * word);
    data[word].inheritable = (uint32_t)(inheritable >> 32 * word);
  }
  if (through_32_bit) return (int)Capset32(&header, data, sizeof(data));
  return (int)syscall(SYS_capset, &header, data);
}

static int Execute(const char* path) {
  const pid_t child = fork();
  if (child == 0) {
    if (through_32_bit)
      Execute32(path);
    else
      execl(path, path, "done", (char*)NULL);
    _exit(errno == EPERM ? 126 : 127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

static int PivotTo(const char* root) {
  if (unshare(CLONE_NEWNS) != 0 || mount(root, root, NULL, MS_BIND, NULL) != 0) return -1;
  if (chdir(root) != 0 || syscall(SYS_pivot_root, ".", ".") != 0) return -1;
  return umount2(".", MNT_DETACH);
}

static int ExecuteIn(int (*enter)(const char* root), const char* root, const char* path) {
  const pid_t child = fork();
  if (child == 0) {
    if (enter(root) != 0 || chdir("/") != 0) _exit(1);
    execl(path, path, "done", (char*)NULL);
    _exit(errno == EPERM ? 126 : 127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

static int Raise(int capability) {
  const long result = through_32_bit
                          ? Raise32(capability)
                          : prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
  return result != 0;
}

static int Inherit(int capability) {
  const uint64_t bit = UINT64_C(1) << capability;
  if (Set(Permitted(), bit) != 0) return 127;
  if (Raise(capability) != 0) return 127;
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
  char word[32] = "";
  const char* argument = argc > 2 ? argv[2] : "0";
  const uint64_t bit = UINT64_C(1) << (atoi(argument) & 63);
  int result = 2;
  if (argc > 1) strncpy(word, argv[1], sizeof(word) - 1);
  const size_t length = strlen(word);
  if (length > 2 && strcmp(word + length - 2, "32") == 0) {
    through_32_bit = true;
    word[length - 2] = 0;
  }
  if (strcmp(word, "execute") == 0) result = Execute(argument);
  if (strcmp(word, "execute-in") == 0 && argc > 3) result = ExecuteIn(chroot, argument, argv[3]);
  if (strcmp(word, "execute-pivoted") == 0 && argc > 3)
    result = ExecuteIn(PivotTo, argument, argv[3]);
  if (strcmp(word, "inherit") == 0) result = Inherit(atoi(argument));
  if (strcmp(word, "raise") == 0) result = Raise(atoi(argument));
  if (strcmp(word, "drop-saved") == 0) result = DropSaved();
  if (strcmp(word, "look-and-drop") == 0) result = LookAndDrop(bit);
  if (strcmp(word, "insist") == 0) result = Set(bit, 0) != 0;
  if (strcmp(word, "done") == 0) return 0;
  dprintf(STDOUT_FILENO, "%d\n", result);
  Wait();
  return result;
}
