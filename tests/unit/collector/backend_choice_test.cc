// SPDX-License-Identifier: Apache-2.0
#include "daemon/collector/backend_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace capmon {
namespace {

using testing::ElementsAre;

const std::vector<std::string> kAll = {"best", "good", "last"};

struct Kernel {
  absl::Status Start(const std::string& backend) {
    tried.push_back(backend);
    return answers[backend];
  }
  absl::Status Choose(const std::string& only) {
    return StartBest(kAll, only, [this](const std::string& b) { return Start(b); });
  }
  std::map<std::string, absl::Status> answers;
  std::vector<std::string> tried;
};

TEST(BackendChoiceTest, TheBestThatStartsIsUsed) {
  Kernel kernel;
  kernel.answers["best"] = absl::UnavailableError("no such program type");
  EXPECT_TRUE(kernel.Choose("").ok());
  EXPECT_THAT(kernel.tried, ElementsAre("best", "good"));
}

TEST(BackendChoiceTest, OnlyTheRequestedOneIsTried) {
  Kernel kernel;
  kernel.answers["good"] = absl::UnavailableError("no such program type");
  EXPECT_TRUE(absl::IsUnavailable(kernel.Choose("good")));
  EXPECT_THAT(kernel.tried, ElementsAre("good"));
  EXPECT_TRUE(absl::IsInvalidArgument(kernel.Choose("other")));
}

TEST(BackendChoiceTest, EveryRefusalIsNamed) {
  Kernel kernel;
  kernel.answers["best"] = absl::UnavailableError("reason one");
  kernel.answers["good"] = absl::PermissionDeniedError("reason two");
  kernel.answers["last"] = absl::InternalError("reason three");
  const absl::Status status = kernel.Choose("");
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(status.message(),
            "no back end works on this kernel (best: reason one; good: reason two; "
            "last: reason three)");
}

TEST(BackendChoiceTest, WhereNothingMayBeLoadedThatIsTheReason) {
  Kernel kernel;
  for (const std::string& backend : kAll)
    kernel.answers[backend] = absl::PermissionDeniedError("not permitted");
  EXPECT_TRUE(absl::IsPermissionDenied(kernel.Choose("")));
}

}  // namespace
}  // namespace capmon
