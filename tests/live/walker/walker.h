// SPDX-License-Identifier: Apache-2.0
// What walker does on its ways.
#pragma once

#include <sys/types.h>

// 0, or -1 with errno set.
struct step {
  const char* name;
  int (*run)(void);
};
int RawSocketUnderAnotherName(void);  // returns only when it fails
int RawSocketBy32Bits(void);
int CoverOwnFile(void);
int ReadReceivedFile(void);
int ReceiveFile(void);                // a descriptor
pid_t CloneInto(const char* cgroup);  // as fork(2) does
int ForgeResult(void);                // makes a success look like a failure
int AskAboutLinks(void);
int ChangeLink(void);
int ChangeLinkUnanswered(void);
int ChangeLinkBeforeAsking(void);
int ChangeLinkAndAsk(void);
extern const struct step kDeeds[];  // ends with a null name
