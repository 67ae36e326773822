// SPDX-License-Identifier: Apache-2.0
// walker WORD...: does one thing after the other, the rest from where the last one led to. Each
// ends with "WORD: done" or "WORD: ERROR"; exits 1 at the first error, 2 when a word is not known.
//
// Ways to go on:  memory, detached (exec itself from a memfd, from a mount that is then detached),
//                 fork, vfork, thread (there exec the rest from a memfd), wait (for a line of
//                 input), trace (the process whose number is the next line of input), received
//                 (exec a file from outside), clone-into /CGROUP (there exec the rest from a memfd)
// Deeds:          see kDeeds
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/live/walker/walker.h"

static int CopyOf(int to) {
  const int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (self < 0 || to < 0) return -1;
  ssize_t copied = 0;
  while ((copied = sendfile(to, self, NULL, 1 << 20)) > 0) continue;
  close(self);
  return copied < 0 ? -1 : to;
}

static void ExecFile(int file, char** words) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
  words[0] = "walker";
  execv(path, words);
}

static void ExecFromMemory(char** words) { ExecFile(CopyOf(memfd_create("walker", 0)), words); }

static void ExecFromAMount(char** words) {
  if (mount("tmpfs", "/mnt", "tmpfs", 0, NULL) != 0) return;
  close(CopyOf(open("/mnt/walker", O_WRONLY | O_CREAT, 0755)));
  words[0] = "detach";  // is what the new one does first
  execv("/mnt/walker", words);
}

static void* InAThread(void* words) {
  ExecFromMemory(words);
  return NULL;
}

static int WaitFor(pid_t child) {
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  errno = ECHILD;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

// Goes on elsewhere with the words after the first. Returns 1 when `word` is no way to go on.
static int GoOn(const char* word, char** words) {
  pthread_t thread;
  pid_t child;
  if (strcmp(word, "memory") == 0) {
    ExecFromMemory(words);
  } else if (strcmp(word, "detached") == 0) {
    ExecFromAMount(words);
  } else if (strcmp(word, "received") == 0) {
    ExecFile(ReceiveFile(), words);
  } else if (strcmp(word, "clone-into") == 0) {
    child = CloneInto(words[1]);
    if (child == 0) {
      ExecFromMemory(words + 1);
      _exit(127);
    }
    if (WaitFor(child) == 0) exit(0);
  } else if (strcmp(word, "fork") == 0 || strcmp(word, "vfork") == 0) {
    child = word[0] == 'v' ? vfork() : fork();
    if (child == 0) {
      ExecFromMemory(words);
      _exit(127);
    }
    if (WaitFor(child) == 0) exit(0);
  } else if (strcmp(word, "thread") == 0) {
    if (pthread_create(&thread, NULL, &InAThread, words) == 0) pthread_join(thread, NULL);
  } else {
    return 1;
  }
  return -1;
}

static void WaitForLine(void) {
  char byte;
  while (read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n') continue;
}

static int TraceFromInput(void) {
  char line[16] = "";
  for (size_t i = 0; i < sizeof(line) - 1; i++)
    if (read(STDIN_FILENO, line + i, 1) != 1 || line[i] == '\n') break;
  return (int)ptrace(PTRACE_SEIZE, atoi(line), NULL, NULL);
}

static int Do(const char* word) {
  for (const struct step* step = kDeeds; step->name != NULL; step++)
    if (strcmp(step->name, word) == 0) return step->run();
  dprintf(STDERR_FILENO, "walker: no word \"%s\"\n", word);
  exit(2);
}

int main(int argc, char** argv) {
  (void)argc;
  if (strcmp(argv[0], "detach") == 0 && umount2("/mnt", MNT_DETACH) != 0) return 1;
  for (char** word = argv + 1; *word != NULL; word++) {
    int result = 0;
    if (**word == '/') continue;  // the file it interprets
    if (strcmp(*word, "wait") == 0) {
      WaitForLine();
    } else if (strcmp(*word, "trace") == 0) {
      result = TraceFromInput();
    } else {
      result = GoOn(*word, word);
      if (result == 1) result = Do(*word);
    }
    dprintf(STDOUT_FILENO, "%s: %s\n", *word, result == 0 ? "done" : strerror(errno));
    if (result != 0) return 1;
  }
  return 0;
}
