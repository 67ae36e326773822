// SPDX-License-Identifier: Apache-2.0
// Uses of capabilities whose right is not plain: with a file another process opened, by a
// registered personality, in a user namespace of another user.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_ether.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/live/walker/walker.h"

#define STRANGER 1000

static int OpenAndClose(int fd) { return fd < 0 ? -1 : close(fd); }

static int RawSocket(void) { return OpenAndClose(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP)); }
static int PacketSocket(void) {
  return OpenAndClose(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
}

// Reads this process's page map through a file that its parent opened.
static int ReadPagemapInAChild(void) {
  const int file = open("/proc/self/pagemap", O_RDONLY);
  uint64_t entry = 0;
  const off_t place = (off_t)((uintptr_t)&entry / (uintptr_t)getpagesize() * sizeof(entry));
  const pid_t child = fork();
  int status = 1;
  if (child == 0) _exit(pread(file, &entry, sizeof(entry), place) == sizeof(entry) ? 0 : 1);
  close(file);
  return waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
}

static int DropEffective(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};
  if (syscall(SYS_capget, &header, data) != 0) return -1;
  data[0].effective = data[1].effective = 0;
  return (int)syscall(SYS_capset, &header, data);
}

// Opens a raw socket with the rights it had before it dropped them.
static int RawSocketByPersonality(void) {
  struct io_uring_params params = {0};
  const int ring = (int)syscall(SYS_io_uring_setup, 4, &params);
  if (ring < 0) return -1;
  const int personality =
      (int)syscall(SYS_io_uring_register, ring, IORING_REGISTER_PERSONALITY, NULL, 0);
  if (personality < 0 || DropEffective() != 0) return -1;
  char* const queue = mmap(NULL, params.sq_off.array + params.sq_entries * sizeof(unsigned),
                           PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
  char* const results =
      mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
           PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_CQ_RING);
  struct io_uring_sqe* const entry =
      mmap(NULL, params.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
           MAP_SHARED, ring, IORING_OFF_SQES);
  memset(entry, 0, sizeof(*entry));
  entry->opcode = 45; /* IORING_OP_SOCKET */
  entry->fd = AF_INET;
  entry->off = SOCK_RAW;
  entry->len = IPPROTO_ICMP;
  entry->personality = (uint16_t)personality;
  ((unsigned*)(queue + params.sq_off.array))[0] = 0;
  __atomic_store_n((unsigned*)(queue + params.sq_off.tail), 1, __ATOMIC_RELEASE);
  if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1) return -1;
  const struct io_uring_cqe* const result = (void*)(results + params.cq_off.cqes);
  errno = result->res < 0 ? -result->res : 0;
  return result->res < 0 ? -1 : 0;
}

// A process of another user in namespaces of its own, which waits for its end.
static pid_t StrangerIn(int namespaces) {
  int ready[2];
  char byte;
  if (pipe(ready) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    if (setresgid(STRANGER, STRANGER, STRANGER) != 0 ||
        setresuid(STRANGER, STRANGER, STRANGER) != 0 || unshare(namespaces) != 0)
      _exit(1);
    if (write(ready[1], "", 1) == 1) pause();
    _exit(0);
  }
  close(ready[1]);
  if (read(ready[0], &byte, 1) != 1) return -1;
  close(ready[0]);
  return child;
}

static int OpenOf(pid_t process, const char* name, int flags) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/%d/%s", process, name);
  return open(path, flags | O_CLOEXEC);
}

static int Enter(pid_t process, const char* name, int kind) {
  const int file = OpenOf(process, name, O_RDONLY);
  return file < 0 ? -1 : setns(file, kind);
}

static int MapAStrangersIds(void) {
  const pid_t stranger = StrangerIn(CLONE_NEWUSER);
  const int map = OpenOf(stranger, "uid_map", O_WRONLY);
  const int result = map >= 0 && write(map, "0 0 10\n", 7) == 7 ? 0 : -1;
  kill(stranger, SIGKILL);
  return result;
}

static int EnterAStrangersUsers(void) {
  const pid_t stranger = StrangerIn(CLONE_NEWUSER);
  const int result = Enter(stranger, "ns/user", CLONE_NEWUSER);
  kill(stranger, SIGKILL);
  return result;
}

// In its mount namespace, but with the rights of our own users.
static int MountAtAStrangers(void) {
  const pid_t stranger = StrangerIn(CLONE_NEWUSER | CLONE_NEWNS);
  int result = Enter(stranger, "ns/mnt", CLONE_NEWNS);
  if (result == 0) result = mount("tmpfs", "/mnt", "tmpfs", 0, NULL);
  kill(stranger, SIGKILL);
  return result;
}

// What it owns needs no right.
static int MountInOwnUsers(void) {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return -1;
  return mount("tmpfs", "/mnt", "tmpfs", 0, NULL);
}

const struct step kDeeds[] = {{"raw", &RawSocket},
                              {"raw-renamed", &RawSocketUnderAnotherName},
                              {"raw-32", &RawSocketBy32Bits},
                              {"cover", &CoverOwnFile},
                              {"forge-result", &ForgeResult},
                              {"read-received", &ReadReceivedFile},
                              {"packet", &PacketSocket},
                              {"pagemap", &ReadPagemapInAChild},
                              {"personality", &RawSocketByPersonality},
                              {"map-stranger", &MapAStrangersIds},
                              {"enter-stranger", &EnterAStrangersUsers},
                              {"mount-at-stranger", &MountAtAStrangers},
                              {"mount-in-own", &MountInOwnUsers},
                              {"ask-about-links", &AskAboutLinks},
                              {"change-link", &ChangeLink},
                              {"change-link-unanswered", &ChangeLinkUnanswered},
                              {"change-link-before-asking", &ChangeLinkBeforeAsking},
                              {"ask-and-change-link", &ChangeLinkAndAsk},
                              {0}};
