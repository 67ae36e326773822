// SPDX-License-Identifier: Apache-2.0
// trigger [--count N] WORD...: does deeds that each need exactly one capability and no other.
//
// WORD is a capability ("NET_RAW") or "wait", which reads one line from standard input. Each deed
// is done N times and prints "NET_RAW done" or "NET_RAW refused: ERROR". Exit: 0 all done, 1 one
// was refused, 2 usage, 3 this kernel cannot do it at all. Runs as uid 0 in a container with the
// files that root_file_systems.cc makes.
#include <errno.h>
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

static int Usage(const char* complaint) {
  fprintf(stderr, "trigger: %s\nusage: trigger [--count N] (CAPABILITY|wait)...\n", complaint);
  return 2;
}

int main(int argc, char** argv) {
  int count = 1, next = 1, exit_code = 0;
  if (argc == 2 && strcmp(argv[1], "--sleep") == 0) return Sleep();
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
