// SPDX-License-Identifier: Apache-2.0
#include "client/cli/bracketed.h"

#include <algorithm>

namespace capmon {
namespace {

// Hides the closing bracket from CLI11. No typed argument ends with this character.
constexpr char kMark = '\x1f';

bool IsBracketed(const std::string& text) { return text.starts_with('[') && text.ends_with(']'); }

}  // namespace

std::vector<std::string> ProtectBrackets(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  bool in_list = false;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    in_list |= argument == "--" || argument == "encode" || argument == "decode" ||
               argument == "run" || argument == "verify" || argument == "minimize";
    if (in_list && IsBracketed(argument)) argument += kMark;
    arguments.push_back(std::move(argument));
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

CLI::Option* KeepBrackets(CLI::Option* option) {
  return option->transform([](std::string text) {
    if (text.ends_with(kMark)) text.pop_back();
    return text;
  });
}

void KeepBracketsInAll(CLI::App* command) {
  for (CLI::Option* option : command->get_options()) KeepBrackets(option);
}

}  // namespace capmon
