// SPDX-License-Identifier: Apache-2.0
/* A FUSE file system that answers its own container and never a process from outside, on /mnt.
 * unanswering stay: executes the program in it, which goes on running.
 * unanswering pass: executes it again and again through an overlay, whose kind does not show what
 * is below, and each run ends at once.
 * Ends when its input does. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BUFFER = 1 << 18, PROGRAM = 4 << 20, ROOT = 1, FILE_NODE = 2 };

static char program[PROGRAM];
static size_t program_size;
static int fuse;

static void Fail(const char* what) {
  perror(what);
  exit(1);
}

static void Reply(const struct fuse_in_header* in, int error, const void* data, size_t size) {
  static char message[BUFFER];
  struct fuse_out_header out = {
      .len = (uint32_t)(sizeof(out) + size), .error = error, .unique = in->unique};

  memcpy(message, &out, sizeof(out));
  if (size != 0) memcpy(message + sizeof(out), data, size);
  if (write(fuse, message, out.len) < 0 && errno != ENOENT) Fail("answer the kernel");
}

static struct fuse_attr Attributes(uint64_t node) {
  struct fuse_attr attributes = {.ino = node,
                                 .mode = node == ROOT ? 040755 : 0100755,
                                 .nlink = 1,
                                 .size = node == ROOT ? 0 : program_size,
                                 .blksize = 4096};
  return attributes;
}

static void Answer(const struct fuse_in_header* in, const void* argument) {
  const struct fuse_read_in* read_in = argument;

  switch (in->opcode) {
    case FUSE_INIT: {
      struct fuse_init_out out = {
          .major = 7, .minor = 31, .max_readahead = 65536, .max_write = 65536};
      Reply(in, 0, &out, sizeof(out));
      break;
    }
    case FUSE_LOOKUP: {
      struct fuse_entry_out out = {.nodeid = FILE_NODE, .attr = Attributes(FILE_NODE)};
      if (strcmp(argument, "program") == 0)
        Reply(in, 0, &out, sizeof(out));
      else
        Reply(in, -ENOENT, NULL, 0);
      break;
    }
    case FUSE_GETATTR: {
      struct fuse_attr_out out = {.attr = Attributes(in->nodeid)};
      Reply(in, 0, &out, sizeof(out));
      break;
    }
    case FUSE_OPEN: {
      struct fuse_open_out out = {.fh = 1};
      Reply(in, 0, &out, sizeof(out));
      break;
    }
    case FUSE_READ: {
      size_t size = read_in->offset < program_size ? program_size - read_in->offset : 0;
      if (size > read_in->size) size = read_in->size;
      Reply(in, 0, program + read_in->offset, size);
      break;
    }
    case FUSE_STATFS: {
      struct fuse_statfs_out out = {.st = {.bsize = 4096, .frsize = 4096, .namelen = 255}};
      Reply(in, 0, &out, sizeof(out));
      break;
    }
    case FUSE_GETXATTR: Reply(in, -ENODATA, NULL, 0); break;
    case FUSE_RELEASE:
    case FUSE_FLUSH: Reply(in, 0, NULL, 0); break;
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT: break;
    default: Reply(in, -ENOSYS, NULL, 0);
  }
}

/* The process number of a caller outside of this pid namespace is 0. */
static int FromOutside(const struct fuse_in_header* in) {
  return in->pid == 0 &&
         (in->opcode == FUSE_LOOKUP || in->opcode == FUSE_GETATTR || in->opcode == FUSE_GETXATTR ||
          in->opcode == FUSE_OPENDIR || in->opcode == FUSE_STATFS || in->opcode == FUSE_OPEN);
}

static void Serve(void) {
  static char message[BUFFER];
  struct pollfd ready[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = fuse, .events = POLLIN}};

  for (;;) {
    if (poll(ready, 2, -1) < 0 && errno != EINTR) Fail("poll");
    if (ready[0].revents != 0) exit(0);
    if (ready[1].revents == 0) continue;
    if (read(fuse, message, sizeof(message)) < 0) {
      if (errno == EINTR || errno == ENOENT || errno == EAGAIN) continue;
      Fail("read from the kernel");
    }
    const struct fuse_in_header* in = (const void*)message;
    if (!FromOutside(in)) Answer(in, in + 1);
  }
}

static void RunOnce(const char* path, const char* what) {
  pid_t pid = fork();

  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(fuse);
    execl(path, path, what, NULL);
    _exit(1);
  }
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
    ;
}

int main(int argc, char** argv) {
  char options[128];
  int own = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

  if (argc < 2) return 2;
  if (strcmp(argv[1], "sleep") == 0)
    for (;;) pause();
  if (strcmp(argv[1], "end") == 0) return 0;
  program_size = (size_t)read(own, program, sizeof(program));
  fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (own < 0 || fuse < 0) Fail("/dev/fuse");
  snprintf(options, sizeof(options), "fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other", fuse);
  mkdir("/mnt", 0755);
  if (mount("unanswering", "/mnt", "fuse", 0, options) != 0) Fail("mount");
  printf("mounted\n");
  fflush(stdout);
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (strcmp(argv[1], "stay") == 0) RunOnce("/mnt/program", "sleep");
    mkdir("/over", 0755);
    mkdir("/dev/empty", 0755);
    if (mount("over", "/over", "overlay", 0, "lowerdir=/mnt:/dev/empty") != 0) Fail("overlay");
    for (;;) RunOnce("/over/program", "end");
  }
  Serve();
}
