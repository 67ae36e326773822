// SPDX-License-Identifier: Apache-2.0
#include "client/cli/usage.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "client/base/nearest.h"
#include "client/base/quoted.h"

namespace capmon {
namespace {

bool IsOption(std::string_view word) { return word.starts_with("-"); }

const CLI::App& Innermost(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : Innermost(*chosen.front());
}

// Of this command and of those it is part of, whose options it takes as well.
std::vector<std::string> LongOptions(const CLI::App* command) {
  std::vector<std::string> names;
  for (; command != nullptr; command = command->get_parent())
    for (const CLI::Option* option : command->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

// The command whose arguments begin with what it is to run, and what those are called.
std::string TakesWords(const CLI::App& command) {
  static const std::map<std::string, std::string> kWords = {{"run", "the command"},
                                                            {"verify", "the command"},
                                                            {"minimize", "the command"},
                                                            {"encode", "the names"}};
  const auto found = kWords.find(command.get_name());
  return found == kWords.end() ? "" : found->second;
}

std::string UnknownWord(const CLI::App& app, const std::string& word) {
  const CLI::App& command = Innermost(app);
  if (&command == &app)
    return IsOption(word)
               ? absl::StrCat("there is no option ", Quoted(word),
                              NearestHint(word.substr(0, word.find('=')), LongOptions(&app)))
               : NoSuchCommand(app, word);
  const std::string words = TakesWords(command),
                    hint = NearestHint(word.substr(0, word.find('=')), LongOptions(&command));
  const std::string sentence =
      absl::StrCat(Quoted(word), " is no ", IsOption(word) ? "option" : "argument", " of capmon ",
                   command.get_name());
  if (!IsOption(word)) return sentence;
  if (!hint.empty() || words.empty()) return sentence + hint;
  return absl::StrCat(sentence, "; put -- before ", words);
}

}  // namespace

std::string NoSuchCommand(const CLI::App& app, std::string_view word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
    for (const std::string& alias : command->get_aliases()) names.push_back(alias);
  }
  return absl::StrCat("there is no command ", Quoted(std::string(word)), NearestHint(word, names));
}

// CLI11 reports a missing argument before an unknown one; this prefers the unknown one, and of
// several the first.
std::string UsageSentence(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> left = app.remaining(/*recurse=*/true);
  const bool missing = error.get_name() == "RequiredError";
  const bool extra = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
  if (!left.empty() && (missing || extra)) return UnknownWord(app, left[0]);
  if (missing && app.get_subcommands().empty()) return "a command is missing";
  std::string sentence = error.what();
  std::replace(sentence.begin(), sentence.end(), '\n', ' ');
  return sentence;
}

}  // namespace capmon
