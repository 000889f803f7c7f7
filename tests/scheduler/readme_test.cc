// The example of scheduler/README.md, word for word, so that it compiles and says what is true.
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

// README: begin
#include "scheduler/shared.h"
#include "scheduler/strategies/direct.h"

namespace bank {

using namespace sched;

// The words: places, kinds of objects, fields. Index 0 of each is "nothing".
constexpr std::string_view kSites[] = {"", "deposit/load", "deposit/store"};
constexpr Site kLoad{1}, kStore{2};
constexpr ObjectClass kObjects[] = {{""}, {.name = "account"}};
constexpr std::string_view kFields[] = {"", "balance"};
constexpr Vocabulary kVocabulary{kSites, kObjects, kFields, {}};

struct Account {
  Shared<int> balance{Field{1}, make_object(1, 0)};
};

void deposit(void* argument) {
  Account& account = *static_cast<Account*>(argument);
  const int old =
      account.balance.load(kLoad);  // Two statements, two points: another task may come between.
  account.balance.store(old + 1, kStore);
}

// Runs every schedule of two deposits, and counts those that lose one.
int lost_deposits() {
  Scheduler scheduler(kVocabulary);
  Direct direct;
  ExhaustiveDecisions
      all;  // Or ByteDecisions, for one schedule; or SeededDecisions, for a random one.
  int lost = 0;
  do {
    Account account;
    scheduler.begin({.strategy = &direct, .decisions = &all});
    scheduler.spawn(&deposit, &account);
    scheduler.spawn(&deposit, &account);
    CHECK(scheduler.run().ending == Ending::finished);
    lost += account.balance.peek() == 1;
  } while (all.next());
  return lost;
}

}  // namespace bank
// README: end

TEST(Readme, the_example_finds_the_lost_deposit) { EXPECT_EQ(bank::lost_deposits(), 4); }
