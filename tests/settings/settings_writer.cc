// SPDX-License-Identifier: Apache-2.0
// settings_writer PROFILES OUT KIND...: for each PROFILES/NAME.json writes OUT/NAME.KIND, and
// OUT/NAME.KIND.enforce where the kind can enforce.
#include <cstdio>
#include <filesystem>
#include <string>

#include "client/render/artefact/artefact.h"
#include "google/protobuf/util/json_util.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

bool WriteSettings(const std::filesystem::path& file, const std::string& out,
                   const std::string& kind) {
  v1::Profile profile;
  if (!google::protobuf::util::JsonStringToMessage(ReadFile(file), &profile).ok()) return false;
  const std::string path = out + "/" + file.stem().string() + "." + kind;
  const auto settings = RenderArtefact(profile, kind);
  if (!settings.ok() || !WriteFile(path, settings->text)) return false;
  const auto enforced = RenderArtefact(profile, kind, {.enforce = true});
  return !enforced.ok() || WriteFile(path + ".enforce", enforced->text);
}

}  // namespace
}  // namespace capmon

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
    for (int i = 3; i < argc; ++i) {
      if (capmon::WriteSettings(entry.path(), argv[2], argv[i])) continue;
      std::fprintf(stderr, "cannot write %s of %s\n", argv[i], entry.path().c_str());
      return 1;
    }
  }
  return 0;
}
