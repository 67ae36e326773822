// SPDX-License-Identifier: Apache-2.0
// Merges settings for Kubernetes with kubectl and its kustomize.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "client/render/artefact/workload.h"
#include "tests/settings/profile_files.h"
#include "tests/support/child_process.h"

namespace capmon {
namespace {

class PatchOf : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!OnPath("kubectl")) GTEST_SKIP() << "needs kubectl";
    Json base = workload_.AroundContainer(
        {{"privileged", true}, {"capabilities", {{"add", {"SYS_PACCT"}}, {"drop", {"KILL"}}}}});
    base[containers_].push_back({{"name", "zz-sidecar"}, {"image", "sidecar"}});
    ASSERT_TRUE(WriteFile(directory_ / "base.json", base.dump()));
    ASSERT_TRUE(WriteFile(directory_ / "patch.yaml", Settings(profile_, "k8s-patch")));
  }

  static Json::json_pointer ContainersOf(const std::string& kind) {
    const std::string pod = kind == "Pod"       ? ""
                            : kind == "CronJob" ? "/spec/jobTemplate/spec/template"
                                                : "/spec/template";
    return Json::json_pointer(pod + "/spec/containers");
  }

  Json Patched(const std::string& file, const std::string& patch) {
    const Outcome patched = RunProgram({"kubectl", "patch", "--local", "--type", "strategic", "-f",
                                        directory_ / file, "-p", patch, "-o", "json"});
    EXPECT_EQ(patched.exit_code, 0) << patched.err;
    return Json::parse(patched.out, nullptr, /*allow_exceptions=*/false);
  }

  // `patches` is in the settings' note; kubectl before 1.21 has another key.
  Json Kustomized() {
    Outcome built;
    for (const char* patches :
         {"patches: [{path: patch.yaml}]", "patchesStrategicMerge: [patch.yaml]"}) {
      EXPECT_TRUE(WriteFile(directory_ / "kustomization.yaml",
                            absl::StrCat("resources: [base.json]\n", patches, "\n")));
      built = RunProgram({"kubectl", "kustomize", directory_.path()});
      if (built.exit_code == 0) break;
    }
    EXPECT_EQ(built.exit_code, 0) << built.err;
    EXPECT_TRUE(WriteFile(directory_ / "built.yaml", built.out));
    return Patched("built.yaml", "{}");  // as JSON
  }

  // Nothing of the container's old context is left except what the settings do not set.
  void ExpectInForce(const Json& result) {
    ASSERT_TRUE(result.is_object());
    ASSERT_EQ(result[containers_].size(), 2u) << result;
    for (const Json& container : result[containers_]) {
      if (container["name"] == "zz-sidecar") {
        EXPECT_FALSE(container.contains("securityContext"));
        continue;
      }
      const Json& context = container["securityContext"];
      EXPECT_EQ(context["capabilities"]["drop"], Json::array({"ALL"}));
      EXPECT_EQ(context["capabilities"]["add"], Json(BareNames(subject_.keep)));
      EXPECT_EQ(context["privileged"], !subject_.maybe_privileged());
      EXPECT_EQ(context.contains("allowPrivilegeEscalation"), subject_.no_new_privileges);
    }
  }

  const v1::Profile profile_ = ReadProfile(GetParam());
  const ArtefactInput subject_{profile_};
  const PodOwner workload_ = PodOwnerOf(profile_.container());
  const Json::json_pointer containers_ = ContainersOf(workload_.kind);
  TempDir directory_;
};

TEST_P(PatchOf, KubectlPutsInPlaceOfWhatWasThere) {
  ExpectInForce(Patched("base.json", Settings(profile_, "k8s-patch")));
}

TEST_P(PatchOf, KustomizePutsInPlaceOfWhatWasThere) { ExpectInForce(Kustomized()); }

TEST_P(PatchOf, LabelsOfANamespaceComeBesideItsOwn) {
  const std::string settings = Settings(profile_, "psa");
  const std::string name = workload_.name_space.empty() ? "your-namespace" : workload_.name_space;
  const Json metadata = {{"name", name}, {"labels", {{"team", "a"}}}};
  const Json there = {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", metadata}};
  ASSERT_TRUE(WriteFile(directory_ / "namespace.json", there.dump()));
  const Json labels = Patched("namespace.json", settings)["metadata"]["labels"];
  EXPECT_EQ(labels.size(), 3u) << labels;
  EXPECT_EQ(labels["team"], "a");
  EXPECT_NE(settings.find(absl::StrCat("pod-security.kubernetes.io/warn: ",
                                       labels.value("pod-security.kubernetes.io/warn", "?"))),
            settings.npos);
}

INSTANTIATE_TEST_SUITE_P(Profiles, PatchOf, testing::ValuesIn(ProfileNames()),
                         [](const auto& instance) { return instance.param; });

}  // namespace
}  // namespace capmon
