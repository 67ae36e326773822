// SPDX-License-Identifier: Apache-2.0
// trigger [--count N] WORD...: does deeds that each need exactly one capability and no other.
// trigger --storm WORD: does one deed as often as it can until a line comes on standard input, then
// prints "NET_RAW done 123456".
//
// WORD is a capability ("NET_RAW") or "wait", which reads one line from standard input. Each deed
// is done N times and prints "NET_RAW done" or "NET_RAW refused: ERROR". Exit: 0 all done, 1 one
// was refused, 2 usage, 3 this kernel cannot do it at all. Runs as uid 0 in a container with the
// files that root_file_systems.cc makes.
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/live/trigger/deeds.h"

static const struct deed* Find(const char* name) {
  const struct deed* const all[] = {kFilesDeeds, kProcessesDeeds, kNetworkDeeds, kKernelDeeds};
  for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
    for (const struct deed* deed = all[i]; deed->name != NULL; deed++) {
      if (strcmp(deed->name, name) == 0) return deed;
    }
  }
  return NULL;
}

static int Do(const struct deed* deed, int count) {
  for (int turn = 0; turn < count; turn++) {
    if (deed->run(turn) == 0) continue;
    if (errno == ENOSYS || errno == EOPNOTSUPP) exit(3);
    dprintf(STDOUT_FILENO, "%s refused: %s\n", deed->name, strerror(errno));
    return 1;
  }
  dprintf(STDOUT_FILENO, "%s done\n", deed->name);
  return 0;
}

static void WaitForLine(void) {
  char byte;
  while (read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n') continue;
}

static int Storm(const struct deed* deed) {
  const int kBetweenLooks = 256;
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  unsigned long count = 0;
  do {
    for (int turn = 0; turn < kBetweenLooks; turn++, count++) {
      if (deed->run(turn) != 0) return 1;
    }
  } while (poll(&input, 1, 0) == 0);
  dprintf(STDOUT_FILENO, "%s done %lu\n", deed->name, count);
  return 0;
}

static int Usage(const char* complaint) {
  fprintf(stderr, "trigger: %s\nusage: trigger [--count N] (CAPABILITY|wait)...\n"
                  "       trigger --storm CAPABILITY\n", complaint);
  return 2;
}

int main(int argc, char** argv) {
  int count = 1, next = 1, exit_code = 0;
  if (argc == 2 && strcmp(argv[1], "--sleep") == 0) return Sleep();
  if (argc == 3 && strcmp(argv[1], "--storm") == 0) {
    const struct deed* const deed = Find(argv[2]);
    return deed != NULL ? Storm(deed) : Usage("no deed of that name");
  }
  if (argc > 2 && strcmp(argv[1], "--count") == 0) {
    count = atoi(argv[2]);
    next = 3;
  }
  if (next >= argc || count < 1) return Usage("nothing to do");
  for (; next < argc; next++) {
    if (strcmp(argv[next], "wait") == 0) {
      WaitForLine();
      continue;
    }
    const struct deed* const deed = Find(argv[next]);
    if (deed == NULL) return Usage("no deed of that name");
    exit_code |= Do(deed, count);
  }
  return exit_code;
}
