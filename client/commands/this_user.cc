// SPDX-License-Identifier: Apache-2.0
#include "client/commands/this_user.h"

#include <pwd.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace capmon {

std::string ThisUser() {
  const passwd* const user = ::getpwuid(::getuid());
  return absl::StrCat(user == nullptr ? "" : user->pw_name, " (uid ", ::getuid(), ")");
}

}  // namespace capmon
