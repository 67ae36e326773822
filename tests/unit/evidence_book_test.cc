// SPDX-License-Identifier: Apache-2.0
#include "daemon/evidence_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace capmon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Container Named(const std::string& key) {
  Container container;
  container.key = key;
  return container;
}

CheckKey Check(Capability capability) {
  CheckKey key;
  key.capability = capability;
  return key;
}

// A book with the evidence of one container, all of it drained.
struct Book : EvidenceBook {
  Book() : EvidenceBook(/*track_changes=*/true) {
    Open(Named("a")).held.emplace();
    for (const Capability capability : {1, 2})
      EditCheck("a", Check(capability)).checks[Check(capability)];
    Drain();
  }
};

TEST(EvidenceBookTest, WhatIsEditedIsMarkedForWhatItIs) {
  Book book;
  EXPECT_THAT(book.Drain().profiles, IsEmpty());

  book.Edit("a").baseline = 5;
  MonitorChanges changes = book.Drain();
  ASSERT_THAT(changes.profiles, SizeIs(1));
  EXPECT_EQ(changes.profiles[0].profile.baseline, 5);
  EXPECT_THAT(changes.profiles[0].profile.checks, IsEmpty());
  EXPECT_FALSE(changes.profiles[0].details || changes.profiles[0].replaced);

  book.EditCheck("a", Check(2)).checks[Check(2)].counts.count = 7;
  changes = book.Drain();
  ASSERT_THAT(changes.profiles, SizeIs(1));
  ASSERT_THAT(changes.profiles[0].profile.checks, SizeIs(1));
  EXPECT_EQ(changes.profiles[0].profile.checks.at(Check(2)).counts.count, 7u);

  book.EditDetails("a").raised_by = "setpriv";
  EXPECT_TRUE(book.Drain().profiles.at(0).details);

  book.Replace("a").checks.erase(Check(1));
  changes = book.Drain();
  EXPECT_TRUE(changes.profiles.at(0).replaced);
  EXPECT_THAT(changes.profiles[0].profile.checks, SizeIs(1));
  EXPECT_THAT(book.Find("a")->checks, SizeIs(1)) << "draining takes nothing away";
}

TEST(EvidenceBookTest, ADescriptionIsMarkedWhereItChanged) {
  Book book;
  Container container = Named("a");
  book.Describe(container);
  EXPECT_THAT(book.Drain().profiles, IsEmpty());
  container.name = "web";
  book.Describe(container);
  EXPECT_EQ(book.Drain().profiles.at(0).profile.container.name, "web");
  book.Describe(Named("no evidence"));
  EXPECT_EQ(book.size(), 1u);
}

TEST(EvidenceBookTest, WhatIsRemovedIsReportedAsGone) {
  Book book;
  book.Edit("a");
  book.Remove("a");
  const MonitorChanges changes = book.Drain();
  EXPECT_THAT(changes.profiles, IsEmpty());
  EXPECT_THAT(changes.gone, ElementsAre("a"));
}

TEST(EvidenceBookTest, AfterARollbackEverythingIsDrainedAgain) {
  Book book;
  book.NoteCgroup(1, CgroupPlace{"a", "/old"});
  book.NoteCgroup(2, CgroupPlace{"a", "/kept"});
  MonitorChanges lost = book.Drain();
  book.NoteCgroup(1, CgroupPlace{"a", "/new"});
  book.Rollback(std::move(lost));
  const MonitorChanges changes = book.Drain();
  EXPECT_TRUE(changes.whole);
  ASSERT_THAT(changes.profiles, SizeIs(1));
  EXPECT_TRUE(changes.profiles[0].details && changes.profiles[0].replaced);
  EXPECT_THAT(changes.profiles[0].profile.checks, SizeIs(2));
  EXPECT_EQ(changes.cgroups.at(1)->path, "/new");
  EXPECT_EQ(changes.cgroups.at(2)->path, "/kept");
}

TEST(EvidenceBookTest, ASnapshotStaysAsItWasTaken) {
  Book book;
  const std::shared_ptr<const Profile> before = book.Share("a");
  book.EditCheck("a", Check(1)).checks[Check(1)].counts.count = 9;
  book.Drain();
  EXPECT_EQ(before->checks.at(Check(1)).counts.count, 0u);
  EXPECT_EQ(book.Share("a")->checks.at(Check(1)).counts.count, 9u);
  EXPECT_EQ(book.Share("a"), book.Share("a")) << "readers share one";
  book.Remove("a");
  EXPECT_THAT(before->checks, SizeIs(2));
  EXPECT_EQ(book.Share("a"), nullptr);
}

TEST(EvidenceBookTest, WithoutAStoreNothingIsMarked) {
  EvidenceBook book(/*track_changes=*/false);
  book.Open(Named("a"));
  book.Replace("a");
  book.NoteCgroup(1, CgroupPlace{"a", ""});
  book.MoveCgroups("a", "b");
  book.Remove("a");
  const MonitorChanges changes = book.Drain();
  EXPECT_THAT(changes.profiles, IsEmpty());
  EXPECT_THAT(changes.gone, IsEmpty());
  EXPECT_THAT(changes.cgroups, IsEmpty());
  EXPECT_THAT(changes.moved, IsEmpty());
}

}  // namespace
}  // namespace capmon
