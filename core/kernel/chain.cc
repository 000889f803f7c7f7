// The chain of releases: v2.6.33 is a default Kernel, every other release is its predecessor plus
// the rows that name it.
//
// One row is one change of one rule by one commit; the sentence stands in the first row of a
// commit. Rows stand in the order in which they landed, so that what lies between two releases is
// history, too; where a release changes a rule twice, the later row decides. Rows without a release
// are patches that never landed, that landed for a while, that were mended before the chain begins,
// or that take a lock away. Commits of the releases in between belong to the next release of the
// chain. What a commit stands on, beyond the values that it changes, is in kNeeds. Read next:
// commit_set.h.
// SPDX-License-Identifier: Apache-2.0
#include "core/kernel/chain.h"

#include <fmt/format.h>

#include "core/kernel/kernel.h"

namespace rmap {
namespace {

constexpr std::string_view kReleases[] = {
#define RELEASE(name) name,
#include "core/kernel/releases.def"
#undef RELEASE
    kNewest,
};

constexpr Change kChanges[] = {
    // --- 2.6.34: a vma belongs to a chain of anon_vmas -------------------------------------------
    {"v2.6.34", "2.6.34", "5beb49305251", "", "anon_topology", "single", "chains",
     "each vma has a chain of anon_vmas, its own and its ancestors'; vma_adjust() locks none"},
    {"v2.6.34", "2.6.34", "5beb49305251", "", "adjust_lock", "own_or_import", "never", ""},
    {"v2.6.34", "2.6.34", "5beb49305251", "", "prepare_insert", "tail", "head", ""},
    {"v2.6.34", "2.6.34", "c44b674323f4", "", "wp_mapping", "kept", "moved",
     "do_wp_page() moves a page that it reuses to the writer's own anon_vma"},
    {"v2.6.34", "2.6.34", "4946d54cb55e", "", "fork_unwind", "keeps_chain", "unlinks_chain",
     "anon_vma_fork() unlinks the cloned chain when its second half fails"},
    {"v2.6.34", "2.6.34", "d0e9fe1758f2", "", "prepare_share", "any", "singular",
     "anon_vma_prepare() shares only a neighbour's anon_vma that the neighbour did not inherit"},
    {"v2.6.34", "2.6.34", "287d97ac0321", "", "import_source", "itself", "exporter",
     "vma_adjust() clones the chain of the vma whose pages it imports, not the importer's own"},
    {"v2.6.34", "2.6.34", "646d87b481da", "", "clone_order", "reversed", "faithful",
     "anon_vma_clone() keeps the order of the chain, so that its last element is the oldest"},
    {"v2.6.34", "2.6.34", "ea90002b0fa7", "", "add_rmap", "sets_own", "sets_oldest",
     "a page that is mapped again gets the oldest anon_vma of the vma, not the vma's own"},
    {"v2.6.34", "2.6.34", "31f2b0ebc01f", "", "prepare_lost", "leaks_element", "frees_element",
     "anon_vma_prepare() frees its chain element where another thread was faster"},

    // --- 2.6.35: migration keeps the anon_vma ----------------------------------------------------
    {"v2.6.35", "2.6.35", "3f6c82728f4e", "", "migrate_pin", "rcu", "external_unchecked",
     "migration takes a reference on the anon_vma, so that it outlives its last vma"},
    {"v2.6.35", "2.6.35", "3f6c82728f4e", "", "anon_refs", "list", "external", ""},
    {"v2.6.35", "2.6.35", "67b9509b2c68", "", "migrate_pin", "external_unchecked", "external",
     "migration lets go of a page that is no longer mapped when its RCU section begins"},

    // --- 2.6.36: one lock for a tree of anon_vmas ------------------------------------------------
    {"v2.6.36", "2.6.36", "012f18004da3", "", "lock_scope", "own", "root",
     "locking an anon_vma locks the root of its tree, on which its children have references; "
     "vma_adjust() locks unless only the end moves (with 5c341ee1dfc9 and 76545066c852)"},
    {"v2.6.36", "2.6.36", "012f18004da3", "", "adjust_lock", "never", "unless_only_end", ""},
    {"v2.6.36", "2.6.36", "26ba0cb63cb8", "", "prepare_insert", "head", "tail",
     "anon_vma_prepare() adds the vma at the end of the list, like everybody else"},
    {"v2.6.36", "2.6.36", "288468c334e9", "", "add_rmap", "sets_oldest", "kept",
     "a page that is mapped again keeps its anon_vma and its index"},
    {"v2.6.36", "2.6.36", "f18194275c39", "", "page_lock", "unchecked", "recheck_mapped",
     "page_lock_anon_vma() looks once more whether the page is mapped, after it has the lock"},

    // --- 3.0: one reference count, a sleeping lock -----------------------------------------------
    {"v3.0", "2.6.38", "1ce82b69e96c", "", "migrate_pin", "external", "lock_and_get",
     "migration takes its reference on the anon_vma under page_lock_anon_vma()"},
    {"v3.0", "2.6.39", "01d8b20dec5f", "", "anon_refs", "external", "counted",
     "one reference count keeps an anon_vma, and the vmas in its list share one reference"},
    {"v3.0", "2.6.39", "a626ca6a6564", "", "stack_pgoff", "wraps", "checked",
     "a stack does not grow where its pgoff would become negative"},
    {"v3.0", "3.0", "5f70b962ccc2", "", "adjust_lock", "unless_only_end", "start_or_import",
     "vma_adjust() does not lock where split_vma() only cuts off the upper part"},
    {"v3.0", "3.0", "965f55dea0e3", "", "merge_anon", "equal_or_none", "singular_if_none",
     "a vma without anon_vma merges only with one whose chain has one element"},
    {"v3.0", "3.0", "746b18d421da", "", "migrate_pin", "lock_and_get", "get",
     "page_get_anon_vma() pins an anon_vma without its lock; page_lock_anon_vma() begins with it"},
    {"v3.0", "3.0", "746b18d421da", "", "page_lock", "recheck_mapped", "get_and_lock", ""},
    {"v3.0", "3.0", "2b575eb64f7a", "", "anon_lock", "spinlock", "mutex",
     "the anon_vma lock is a mutex"},
    {"v3.0", "3.0", "88c22088bf23", "", "page_lock", "get_and_lock", "trust_refcount",
     "page_lock_anon_vma() tries the lock before it pins; anon_vma_free() waits for its holder"},
    {"v3.0", "3.0", "5dbe0af47f8a", "", "add_rmap_check", "inside_vma", "none",
     "page_add_anon_rmap() no longer insists that the vma covers the address"},
    {"v3.0", "3.0", "eee0f252c653", "", "page_lock", "trust_refcount", "refcount",
     "page_lock_anon_vma() asks the page, not the anon_vma's count, whether its trylock was right"},
    {"v3.0", "3.0", "bb4aa39676f7", "", "clone_lock", "per_element", "per_tree",
     "anon_vma_clone() takes the root lock once"},
    {"v3.0", "3.0", "eee2acbae955", "", "unlink_passes", "one", "two",
     "unlink_anon_vmas() takes the root lock once, and frees what is empty afterwards"},

    // --- 3.1 to 3.7: the races of the mail -------------------------------------------------------
    {"v3.1", "3.1", "486cf46f3f9b", "", "migration_peek", "unlocked", "locked",
     "remove_migration_pte() takes the page-table lock before it looks at the pte"},
    {"v3.3", "3.3", "948f017b093a", "merge", "merge_order", "as_found", "move_to_tail",
     "copy_vma() moves a destination that it merged behind the source in the anon_vma lists"},
    {"v3.3", "3.3", "948f017b093a", "rollback", "rollback_order", "as_found", "move_to_tail",
     "move_vma() moves the source behind the destination before it moves entries back"},
    {"v3.3", "3.3", "9f9f1acd713d", "", "entry_asserts", "wait", "fork_and_zap_too",
     "fork and munmap count migration entries, and insist that their pages are locked"},
    {"v3.7", "3.7", "ca42b26ab888", "", "adjust_lock", "start_or_import", "start_import_or_next",
     "vma_adjust() locks the next vma's anon_vma when that one's start moves"},
    {"v3.7", "3.7", "108d6642ad81", "", "merge_order", "move_to_tail", "as_found",
     "anon_vma_moveto_tail() goes away: move_ptes() takes the anon_vma lock instead"},
    {"v3.7", "3.7", "108d6642ad81", "", "rollback_order", "move_to_tail", "as_found", ""},
    {"v3.7", "3.7", "108d6642ad81", "", "move_locks", "none", "always", ""},
    {"v3.7", "3.7", "bf181b9f9d8d", "", "rmap_index", "list", "interval_tree",
     "an anon_vma keeps its vmas in an interval tree, sorted by pgoff; vma_adjust() always locks "
     "it"},
    {"v3.7", "3.7", "bf181b9f9d8d", "", "adjust_lock", "start_import_or_next", "always", ""},
    {"v3.7", "3.7", "523d4e2008fd", "", "copy_link", "clone_then_range", "range_then_clone",
     "copy_vma() sets the new vma's position before it links it into the anon_vmas"},
    {"v3.7", "3.7", "38a76013ad80", "", "move_locks", "always", "if_needed",
     "move_ptes() takes the anon_vma lock only where a walk would visit the destination first"},

    // --- 3.19, 4.0: anon_vmas are reused ---------------------------------------------------------
    {"v3.19", "3.8", "4fc3f1d66b1e", "", "anon_lock", "mutex", "rwsem",
     "the anon_vma lock is a rwsem, which walks take for read"},
    {"v3.19", "3.16", "7f39dda9d86f", "", "late_get", "inside_rcu", "outside_rcu",
     "page_get_anon_vma() drops a late reference outside of its RCU section"},
    {"v3.19", "3.16", "624483f3ea82", "", "put_root", "first", "last",
     "__put_anon_vma() frees the anon_vma before it lets go of the root, whose lock that asks"},
    {"v3.19", "3.19", "2ebba6b7e1d9", "", "unmapped_page", "let_go", "not_walked",
     "migration walks for a page's entries only if it is mapped"},
    {"v3.19", "3.19", "7a3ef208e662", "", "reuse", "none", "degree",
     "fork reuses an ancestor's anon_vma whose degree, vmas plus children, is below two"},
    {"v3.19", "3.19", "b800c91a0517", "", "import_order", "clone_first", "publish_first",
     "vma_adjust() sets the importer's anon_vma before it clones, so that the clone reuses none"},
    {"v4.0", "4.0", "3fe89b3e2a7b", "", "clone_unwind", "keeps_anon_vma", "clears_anon_vma",
     "a failed anon_vma_clone() does not count down a degree that it never counted up"},

    // --- 4.4 to 5.7: MREMAP_DONTUNMAP, whole page tables -----------------------------------------
    {"v5.7", "4.4", "03f15c86c8d1", "", "unmapped_page", "not_walked", "migrated",
     "a page that is no longer mapped, and so has no anon_vma, is migrated all the same"},
    {"v5.7", "4.8", "734537c9cb72", "", "swallow_import", "each_round", "up_front",
     "vma_adjust() that swallows two vmas imports before it frees the first of them"},
    {"v5.7", "4.9", "e86f15ee64d8", "", "merge_right", "middle_stays", "next_stays",
     "a vma that merges with the next one only goes, and the next one grows down"},
    {"v5.7", "4.11", "c7ab0d2fdc84", "", "walk_asserts", "each_entry", "none",
     "remove_migration_pte() does not insist that the page of each entry that it meets is locked"},
    {"v5.7", "4.18", "37a4094e828f", "", "move_chunk", "latency_limit", "table",
     "move_ptes() moves all entries of a table in one go"},
    {"v5.7", "4.20", "dd2283f2605e", "", "unmap_lock", "write", "downgraded",
     "munmap() goes on with mmap_sem for read once the vmas are out of the mm"},
    {"v5.7", "5.0", "9a1ea439b16b", "", "entry_wait", "holds_reference", "drops_reference",
     "who waits for a migration entry drops its reference on the page before it sleeps"},
    {"v5.7", "5.0", "2c91bd4a4e2e", "", "table_move", "never", "locks_if_needed",
     "move_page_tables() moves a whole page table where source and destination allow it"},
    {"v5.7", "5.7", "e346b3813067", "", "dontunmap", "unknown", "keeps_chain",
     "MREMAP_DONTUNMAP moves the pages and leaves the source mapped, empty"},

    // --- 6.0 to 6.19 -----------------------------------------------------------------------------
    {"v6.0", "5.8", "246c320a8cfe", "", "unmap_lock", "downgraded", "downgraded_unless_stack",
     "munmap() keeps mmap_sem for write where a stack comes next"},
    {"v6.0", "5.9", "09854ba94c6a", "", "wp_reuse", "mapcount", "refcount",
     "do_wp_page() reuses a page only if nobody else has a reference to it, and leaves it where it "
     "is"},
    {"v6.0", "5.9", "09854ba94c6a", "", "wp_mapping", "moved", "kept", ""},
    {"v6.0", "5.13", "1583aa278f5f", "", "dontunmap", "keeps_chain", "unlinks_chain",
     "MREMAP_DONTUNMAP of a whole vma takes it out of its anon_vmas"},
    {"v6.0", "5.13", "ee8ab1903e3d", "", "unlink_pointer", "kept", "cleared",
     "unlink_anon_vmas() clears vma->anon_vma, for vmas that live on"},
    {"v6.0", "5.14", "97113eb39fa7", "", "table_move", "locks_if_needed", "locks_always",
     "whole page tables are moved under the rmap locks"},
    {"v6.0", "5.17", "ffa65753c431", "", "entry_wait", "drops_reference", "no_reference",
     "who waits for a migration entry takes no reference on the page"},
    {"v6.0", "5.19", "6c54dc6c7437", "", "wp_mapping", "kept", "moved",
     "do_wp_page() moves a page that it reuses to the writer's own anon_vma again"},
    {"v6.0", "5.19", "6c287605fd56", "", "exclusive", "unknown", "reused",
     "do_wp_page() reuses a page that was never shared without asking, and leaves it where it is"},
    {"v6.0", "6.0", "64fe24a3e05e", "", "mprotect_write", "never", "exclusive",
     "mprotect() makes the entry of such a page writable at once"},
    {"v6.0", "6.0", "2555283eb40d", "", "reuse", "degree", "children_and_active",
     "an anon_vma counts its children and its active vmas apart, and is reused once at most"},
    {"v6.16", "6.1", "ca3d76b0aa80", "", "expand_merge", "never", "with_next",
     "mremap() that grows in place merges with the next vma"},
    {"v6.16", "6.3", "5dfab109d519", "", "move_retry", "whole", "move_only",
     "migration tries the move again while the entries are replaced and the page is locked"},
    {"v6.16", "6.5", "8d7071af8907", "", "stack_mmap", "read", "write",
     "a stack grows under mmap_lock for write"},
    {"v6.16", "6.5", "e4bd84c069f2", "", "unmap_lock", "downgraded_unless_stack", "downgraded",
     "munmap() gives mmap_lock down where a stack comes next, too"},
    {"v6.16", "6.7", "af8ca1c14906", "", "move_start", "exact", "table",
     "move_page_tables() moves the first table as a whole where nothing is before the range"},
    {"v6.16", "6.7", "unaccount-unfaulted", "", "unaccount", "never", "unfaulted",
     "mprotect() takes an unfaulted vma that it makes read-only out of the accounts"},
    {"v6.16", "6.14", "47b16d0462a4", "", "merge_oom", "splits", "fails",
     "mprotect() fails where a merge lacks memory"},
    {"v6.16", "6.16", "879bca0a2c4f", "", "merge_anon", "singular_if_none", "unfaulted_too",
     "a faulted range merges with an unfaulted vma"},
    {"v6.19", "6.17", "d23cb648e365", "", "mremap_span", "one_vma", "many",
     "mremap() moves all vmas of a range, and the gaps between them"},
    {"v6.19", "6.19", "61f67c230a5e", "", "copy_import", "none", "clones",
     "an unfaulted vma that mremap merges into gets the anon_vmas of what moves there"},
    {"v6.19", "6.19", "3b617fd3d317", "", "copy_fork", "merges", "refused",
     "an unfaulted vma does not merge with what mremap brings from a vma that fork made"},

    // --- newest: 7.0, and what nobody has landed yet ---------------------------------------------
    {kNewest, "7.0", "bfc2b13b05a1", "", "clone_alloc", "one_by_one", "all_first",
     "anon_vma_clone() allocates all elements before it takes the lock, which turns the chain "
     "round"},
    {kNewest, "7.0", "bfc2b13b05a1", "", "clone_order", "faithful", "reversed", ""},
    {kNewest, "7.0", "91901a441fa1", "", "fork_unwind", "unlinks_chain", "allocates_first",
     "anon_vma_fork() allocates the child's own anon_vma before it clones the chain"},
    {kNewest, "7.0", "542eda1a8329", "", "clone_unwind", "clears_anon_vma", "frees",
     "a failed anon_vma_clone() frees the elements, and leaves dst->anon_vma as it is"},
    {kNewest, "7.0", "3a206a8649f8", "", "clone_unwind", "frees", "frees_and_clears",
     "a failed anon_vma_clone() clears dst->anon_vma"},
    {kNewest, "", "dontunmap-no-self-merge", "", "keep_source", "may_merge", "never_merges",
     "copy_vma() does not merge an unfaulted source that is to stay with itself"},
    {kNewest, "", "dontunmap-reset-pgoff", "", "dontunmap_pgoff", "kept", "reset",
     "a source that MREMAP_DONTUNMAP unlinked gets the pgoff of an unfaulted vma"},

    // --- Named patches ---------------------------------------------------------------------------
    {"", "", "hugh-anon-vma-lock", "", "move_locks", "none", "always",
     "move_ptes() takes the anon_vma lock (Hugh Dickins, October 2011; never merged)"},
    {"", "5.5", "4e4a9eb92133", "", "fork_share", "none", "with_previous",
     "a child's vma shares the anon_vma that its parent's shares with the vma before (5.5 and "
     "5.6)"},
    {"", "", "link-at-head", "", "link_insert", "tail", "head",
     "fork and mremap put the new vma at the head of the list (undone by 0697212a411c, v2.6.18)"},
    {"", "6.3", "0503ea8f5ba7", "", "grow_down_pgoff", "moved", "kept",
     "a vma that grows down over a hole keeps its pgoff (6.3 alone; undone by 7e7757876f25)"},
    {"", "", "prepare-unlocked", "", "prepare_lock", "always", "shared_only",
     "a fresh anon_vma is linked to without its lock (undone by d9d332e0874f, 2.6.28)"},
    {"", "", "stack-unlocked", "", "stack_lock", "anon_vma", "none",
     "expand_stack() does not take the anon_vma lock (no kernel did that)"},
};

// Beyond what the rows say: a commit needs the one that made the value it changes.
constexpr Need kNeeds[] = {
    // They repair or use what 5beb49305251 brought.
    {"c44b674323f4", "5beb49305251"},
    {"4946d54cb55e", "5beb49305251"},
    {"d0e9fe1758f2", "5beb49305251"},
    {"287d97ac0321", "5beb49305251"},
    {"646d87b481da", "5beb49305251"},
    {"3f6c82728f4e", "5beb49305251"},
    {"965f55dea0e3", "5beb49305251"},
    {"ea90002b0fa7", "5beb49305251"},
    {"31f2b0ebc01f", "5beb49305251"},
    {"1583aa278f5f", "5beb49305251"},
    // Only where anon_vmas have roots can a root have changed, or be locked once for many.
    {"f18194275c39", "012f18004da3"},
    {"bb4aa39676f7", "012f18004da3"},
    // The count holds roots, and outsiders take theirs where it cannot be zero.
    {"01d8b20dec5f", "012f18004da3"},
    {"01d8b20dec5f", "1ce82b69e96c"},
    // Only where an anon_vma's vmas hold a reference does a count above zero mean that it lives.
    {"746b18d421da", "01d8b20dec5f"},
    {"eee2acbae955", "01d8b20dec5f"},
    // page_lock_anon_vma() sleeps outside of its RCU section from here on.
    {"2b575eb64f7a", "746b18d421da"},
    {"88c22088bf23", "2b575eb64f7a"},
    // They repair what anon_vma_free() does since.
    {"7f39dda9d86f", "88c22088bf23"},
    {"624483f3ea82", "88c22088bf23"},
    // A tree has no head and no tail, and the order by pgoff is what if_needed goes by.
    {"bf181b9f9d8d", "26ba0cb63cb8"},
    {"bf181b9f9d8d", "108d6642ad81"},
    {"523d4e2008fd", "bf181b9f9d8d"},
    {"38a76013ad80", "bf181b9f9d8d"},
    {"2c91bd4a4e2e", "38a76013ad80"},
    // Users of an anon_vma are counted in the first of two passes.
    {"7a3ef208e662", "eee2acbae955"},
    {"b800c91a0517", "7a3ef208e662"},
    {"3fe89b3e2a7b", "7a3ef208e662"},
    {"4e4a9eb92133", "7a3ef208e662"},
    // Vmas that were unlinked live on since; their pointer is cleared in the first of two passes.
    {"ee8ab1903e3d", "eee2acbae955"},
    {"ee8ab1903e3d", "1583aa278f5f"},
    {"dontunmap-reset-pgoff", "1583aa278f5f"},
    {"dontunmap-no-self-merge", "e346b3813067"},
    {"af8ca1c14906", "2c91bd4a4e2e"},
    // All elements are allocated before the one lock is taken, and can be freed unlinked then.
    {"bfc2b13b05a1", "bb4aa39676f7"},
    {"542eda1a8329", "bfc2b13b05a1"},
    // They give back, extend or mend what the other one did.
    {"6c287605fd56", "6c54dc6c7437"},
    {"64fe24a3e05e", "6c287605fd56"},
    {"6c54dc6c7437", "09854ba94c6a"},
    {"61f67c230a5e", "879bca0a2c4f"},
    {"3b617fd3d317", "61f67c230a5e"},
};

}  // namespace

std::span<const std::string_view> releases() { return kReleases; }
std::span<const Change> changes() { return kChanges; }
std::span<const Need> needs() { return kNeeds; }

std::string name_of(const Change& c) {
  return c.half.empty() ? std::string(c.commit) : fmt::format("{}.{}", c.commit, c.half);
}

}  // namespace rmap
