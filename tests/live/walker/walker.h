// SPDX-License-Identifier: Apache-2.0
// What walker does on its ways.
#pragma once

// 0, or -1 with errno set.
struct step {
  const char* name;
  int (*run)(void);
};
int AskAboutLinks(void);
int ChangeLink(void);
int ChangeLinkUnanswered(void);
int ChangeLinkBeforeAsking(void);
int ChangeLinkAndAsk(void);
extern const struct step kDeeds[];  // ends with a null name
