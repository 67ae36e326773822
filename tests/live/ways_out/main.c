// SPDX-License-Identifier: Apache-2.0
// ways_out WORD...: makes calls that lead out of a container, as an intruder would, and prints for
// each "WORD done" or "WORD failed: ERROR". "wait" reads a line; "flood" opens packet sockets as
// fast as it can until a line comes, and prints how often it was denied; "now" prints the time.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int Mount(void) { return mount("tmpfs", "/mnt", "tmpfs", 0, NULL); }

// Nobody's module: the kernel refuses it after it asked for the capability.
static int Module(void) {
  static char image[64];
  const long result = syscall(SYS_init_module, image, sizeof(image), "");
  return result != 0 && errno != EPERM && errno != ENOSYS ? 0 : (int)result;
}

// A child of another user, which ends when we close the pipe: we may not kill it.
static int Trace(void) {
  int ready[2], done[2];
  char byte;
  if (pipe(ready) != 0 || pipe(done) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    close(done[1]);
    if (syscall(SYS_setresuid, 1000, 1000, 1000) != 0) _exit(1);
    if (write(ready[1], "", 1) != 1) _exit(1);
    _exit(read(done[0], &byte, 1) != 0);
  }
  close(ready[1]);
  if (child < 0 || read(ready[0], &byte, 1) != 1) return -1;
  const int result = (int)ptrace(PTRACE_SEIZE, child, NULL, NULL);
  const int error = errno;
  close(done[1]);
  waitpid(child, NULL, 0);
  errno = error;
  return result;
}

static int Handle(void) {
  char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
  struct file_handle* const handle = (struct file_handle*)space;
  int mount_id;
  handle->handle_bytes = MAX_HANDLE_SZ;
  if (name_to_handle_at(AT_FDCWD, "/tmp", handle, &mount_id, 0) != 0) return -1;
  const int root = open("/", O_RDONLY | O_DIRECTORY);
  const int file = open_by_handle_at(root, handle, O_PATH);
  return file < 0 ? -1 : 0;
}

static int Bpf(void) {
  union bpf_attr attributes = {
      .map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 4, .max_entries = 1};
  return syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes)) < 0 ? -1 : 0;
}

// A port of the BIOS, which nothing reads: access to any port is as good as to all.
static int Ports(void) { return (int)syscall(SYS_ioperm, 0x80, 1, 1); }

static int Packet(void) {
  const int file = socket(AF_PACKET, SOCK_RAW, 0);
  if (file < 0) return -1;
  return close(file);
}

static int Flood(void) {
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  unsigned long denied = 0;
  do {
    for (int turn = 0; turn < 256; turn++) denied += Packet() != 0 && errno == EPERM;
  } while (poll(&input, 1, 0) == 0);
  dprintf(STDOUT_FILENO, "flood denied %lu\n", denied);
  return 0;
}

static int Wait(void) {
  char byte;
  while (read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n') continue;
  return 0;
}

static int Now(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  dprintf(STDOUT_FILENO, "now %lld%09ld\n", (long long)now.tv_sec, now.tv_nsec);
  return 0;
}

static const struct {
  const char* name;
  int (*run)(void);
} kWays[] = {{"mount", Mount}, {"module", Module}, {"trace", Trace},   {"handle", Handle},
             {"bpf", Bpf},     {"ports", Ports},   {"packet", Packet}, {"flood", Flood},
             {"wait", Wait},   {"now", Now}};

int main(int argc, char** argv) {
  int exit_code = argc < 2 ? 2 : 0;
  for (int next = 1; next < argc; next++) {
    for (size_t i = 0; i < sizeof(kWays) / sizeof(kWays[0]); i++) {
      if (strcmp(kWays[i].name, argv[next]) != 0) continue;
      if (kWays[i].run() == 0) {
        dprintf(STDOUT_FILENO, "%s done\n", argv[next]);
        continue;
      }
      dprintf(STDOUT_FILENO, "%s failed: %s\n", argv[next], strerror(errno));
      exit_code = 1;
    }
  }
  return exit_code;
}
