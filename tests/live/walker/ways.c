// SPDX-License-Identifier: Apache-2.0
// Ways of a process to hide what it runs, and where.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/live/walker/walker.h"

#if defined(__x86_64__)
struct mapped {
  long address;
  long size;
};
struct stub {
  struct mapped executable[16];
  long count;
  struct prctl_mm_map map;
};

__attribute__((always_inline)) static inline long Call(long number, long a, long b, long c,
                                                       long size) {
  register long d __asm__("r10") = size;
  register long e __asm__("r8") = 0;
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(d), "r"(e)
                   : "rcx", "r11", "memory");
  return result;
}

// Runs from a copy in anonymous memory: the kernel changes the executable of a process only when
// the old one is not mapped any more. Opens a raw socket under its new name, and exits.
__attribute__((section("stub"), used, noinline, noreturn, no_stack_protector)) static void
UnderAnotherName(const struct stub* stub) {
  for (long i = 0; i < stub->count; i++)
    Call(SYS_munmap, stub->executable[i].address, stub->executable[i].size, 0, 0);
  long result = Call(SYS_prctl, PR_SET_MM, PR_SET_MM_MAP, (long)&stub->map, sizeof(stub->map));
  if (result == 0) result = Call(SYS_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP, 0);
  for (;;) Call(SYS_exit_group, result < 0 ? -result : 0, 0, 0, 0);
}
extern const char __start_stub[], __stop_stub[];

int RawSocketUnderAnotherName(void) {
  struct stub stub = {.count = 0};
  const int file = memfd_create("name", 0);
  unsigned long from, to;
  char line[512], path[256];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
  FILE* const maps = fopen("/proc/self/maps", "r");
  if (length < 0 || maps == NULL || file < 0 || fchmod(file, 0755) != 0) return -1;
  path[length] = 0;
  while (fgets(line, sizeof(line), maps) != NULL && stub.count < 16)
    if (strstr(line, path) != NULL && sscanf(line, "%lx-%lx", &from, &to) == 2)
      stub.executable[stub.count++] = (struct mapped){(long)from, (long)(to - from)};
  void* const copy =
      mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (copy == MAP_FAILED) return -1;
  const uint64_t low = 0x100000, stack = (uint64_t)(uintptr_t)&stub,
                 brk = (uint64_t)(uintptr_t)sbrk(0);
  stub.map = (struct prctl_mm_map){.start_code = low,
                                   .end_code = low + 1,
                                   .start_data = low,
                                   .end_data = low,
                                   .start_brk = brk,
                                   .brk = brk,
                                   .start_stack = stack,
                                   .arg_start = stack,
                                   .arg_end = stack,
                                   .env_start = stack,
                                   .env_end = stack,
                                   .exe_fd = (uint32_t)file};
  memcpy(copy, __start_stub, (size_t)(__stop_stub - __start_stub));
  ((void (*)(const struct stub*))(uintptr_t)copy)(&stub);
  return -1;
}

// By the 32-bit system call table, where socket(2) is 359.
int RawSocketBy32Bits(void) {
  long result = 359;
  __asm__ volatile("int $0x80"
                   : "+a"(result)
                   : "b"(AF_INET), "c"(SOCK_RAW), "d"(IPPROTO_ICMP)
                   : "memory", "r8", "r9", "r10", "r11");
  errno = result < 0 ? (int)-result : 0;
  return result < 0 ? -1 : close((int)result);
}
#else
int RawSocketUnderAnotherName(void) { return errno = ENOSYS, -1; }
int RawSocketBy32Bits(void) { return errno = ENOSYS, -1; }
#endif

// Of the file it runs, nothing can be seen any more.
int CoverOwnFile(void) { return mount("tmpfs", "/bin", "tmpfs", 0, NULL); }

pid_t CloneInto(const char* cgroup) {
  char path[256];
  snprintf(path, sizeof(path), "/mnt%s", cgroup);
  if (mount("cgroup2", "/mnt", "cgroup2", 0, NULL) != 0) return -1;
  const int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  struct clone_args arguments = {
      .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)directory};
  return directory < 0 ? -1 : (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
}

// The file that a process outside hands over.
int ReceiveFile(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/tmp/give"};
  const int from = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  char byte, control[CMSG_SPACE(sizeof(int))];
  struct iovec data = {&byte, 1};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
  if (from < 0 || connect(from, (struct sockaddr*)&address, sizeof(address)) != 0 ||
      recvmsg(from, &message, 0) != 1)
    return -1;
  const struct cmsghdr* const header = CMSG_FIRSTHDR(&message);
  int file = -1;
  if (header != NULL && header->cmsg_type == SCM_RIGHTS)
    memcpy(&file, CMSG_DATA(header), sizeof(file));
  return file;
}

int ReadReceivedFile(void) {
  uint64_t entry = 0;
  return pread(ReceiveFile(), &entry, sizeof(entry), 0) == sizeof(entry) ? 0 : -1;
}
