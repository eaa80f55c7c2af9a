// SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
/*
 * gpuas.ko: the library as a module that drivers depend on. All that the public headers
 * declare, and nothing else, in a namespace. A driver that has the library inside itself
 * leaves this file out, and exports nothing.
 */
#include <linux/export.h>
#include <linux/module.h>

#include <gpuas/bringup.h>
#include <gpuas/contract.h>
#include <gpuas/core.h>
#include <gpuas/dump.h>
#include <gpuas/format.h>
#include <gpuas/handoff.h>
#include <gpuas/inspect.h>
#include <gpuas/link.h>
#include <gpuas/manifest.h>
#include <gpuas/pool.h>
#include <gpuas/profile.h>
#include <gpuas/root.h>
#include <gpuas/snapshot.h>
#include <gpuas/soc.h>
#include <gpuas/space.h>
#include <gpuas/text.h>
#include <gpuas/token.h>
#include <gpuas/ttb.h>
#include <gpuas/types.h>
#include <gpuas/unmap.h>
#include <gpuas/visit.h>
#include <gpuas_linux.h>

#define EXPORT(name) EXPORT_SYMBOL_NS_GPL(name, GPUAS_LINUX_NS)

/* gpuas/bringup.h */
EXPORT(gpuas_abandon);
EXPORT(gpuas_allocate);
EXPORT(gpuas_bringup_print);
EXPORT(gpuas_build);
EXPORT(gpuas_plan);
EXPORT(gpuas_take);

/* gpuas/contract.h */
EXPORT(gpuas_contract_region);

/* gpuas/core.h */
EXPORT(gpuas_core_init);
EXPORT(gpuas_core_push);
EXPORT(gpuas_core_read);

/* gpuas/dump.h */
EXPORT(gpuas_attr_refused_text);
EXPORT(gpuas_attr_text);
EXPORT(gpuas_dump_path);
EXPORT(gpuas_dump_space);

/* gpuas/format.h */
EXPORT(gpuas_format_decode);
EXPORT(gpuas_format_encode);
EXPORT(gpuas_format_kind);
EXPORT(gpuas_format_lpae_16k);
EXPORT(gpuas_format_lpae_4k);
EXPORT(gpuas_format_lpae_64k);
EXPORT(gpuas_format_raw_check);
EXPORT(gpuas_format_uat);

/* gpuas/handoff.h */
EXPORT(gpuas_handoff_check);
EXPORT(gpuas_handoff_context);
EXPORT(gpuas_handoff_flush_done);
EXPORT(gpuas_handoff_flush_finish);
EXPORT(gpuas_handoff_flush_next);
EXPORT(gpuas_handoff_flush_post);
EXPORT(gpuas_handoff_flush_reset);
EXPORT(gpuas_handoff_flush_wait);
EXPORT(gpuas_handoff_init);
EXPORT(gpuas_handoff_lock);
EXPORT(gpuas_handoff_peer);
EXPORT(gpuas_handoff_recover);
EXPORT(gpuas_handoff_start);
EXPORT(gpuas_handoff_unlock);

/* gpuas/inspect.h */
EXPORT(gpuas_finding_text);
EXPORT(gpuas_inspect);

/* gpuas/link.h */
EXPORT(gpuas_link_find);
EXPORT(gpuas_link_install);
EXPORT(gpuas_space_adopt_below);

/* gpuas/manifest.h */
EXPORT(gpuas_board_root);
EXPORT(gpuas_manifest_check);
EXPORT(gpuas_manifest_contract);
EXPORT(gpuas_manifest_differs);
EXPORT(gpuas_manifest_init);
EXPORT(gpuas_manifest_inspect);
EXPORT(gpuas_manifest_link);
EXPORT(gpuas_manifest_open);
EXPORT(gpuas_manifest_print);
EXPORT(gpuas_manifest_region);
EXPORT(gpuas_manifest_role);
EXPORT(gpuas_manifest_root);
EXPORT(gpuas_owner_name);

/* gpuas/pool.h */
EXPORT(gpuas_pool_env);
EXPORT(gpuas_pool_init);
EXPORT(gpuas_pool_move);

/* gpuas/profile.h */
EXPORT(gpuas_profile_accepts);
EXPORT(gpuas_profile_check);

/* gpuas/root.h */
EXPORT(gpuas_published_confirm);
EXPORT(gpuas_published_take);
EXPORT(gpuas_root_clear);
EXPORT(gpuas_root_mirror);

/* gpuas/snapshot.h */
EXPORT(gpuas_snap_address);
EXPORT(gpuas_snap_finding_text);
EXPORT(gpuas_snapshot_capture);
EXPORT(gpuas_snapshot_roots);

/* gpuas/soc.h */
EXPORT(gpuas_mark_name);
EXPORT(gpuas_soc_ask);
EXPORT(gpuas_soc_board);
EXPORT(gpuas_soc_field_name);

/* gpuas/space.h */
EXPORT(gpuas_count_tables);
EXPORT(gpuas_gather_begin);
EXPORT(gpuas_gather_end);
EXPORT(gpuas_map);
EXPORT(gpuas_map_list);
EXPORT(gpuas_map_raw);
EXPORT(gpuas_map_repeat);
EXPORT(gpuas_protect);
EXPORT(gpuas_protect_live);
EXPORT(gpuas_replace);
EXPORT(gpuas_reserve);
EXPORT(gpuas_space_adopt);
EXPORT(gpuas_space_adopt_at);
EXPORT(gpuas_space_create);
EXPORT(gpuas_space_release);
EXPORT(gpuas_space_reopen);
EXPORT(gpuas_translate);
EXPORT(gpuas_unmap);
EXPORT(gpuas_unreserve);

/* gpuas/text.h */
EXPORT(gpuas_report);
EXPORT(gpuas_report_dec);
EXPORT(gpuas_report_hex);
EXPORT(gpuas_streq);
EXPORT(gpuas_text_clear);
EXPORT(gpuas_text_dec);
EXPORT(gpuas_text_hex);
EXPORT(gpuas_text_pad);
EXPORT(gpuas_text_send);
EXPORT(gpuas_text_size);
EXPORT(gpuas_text_str);

/* gpuas/token.h */
EXPORT(gpuas_ops_apply);
EXPORT(gpuas_ops_bound);
EXPORT(gpuas_ops_count);
EXPORT(gpuas_token_drain);
EXPORT(gpuas_token_fill);
EXPORT(gpuas_token_flush);
EXPORT(gpuas_token_flushed);
EXPORT(gpuas_token_init);

/* gpuas/ttb.h */
EXPORT(gpuas_ttb_alias);
EXPORT(gpuas_ttb_bind);
EXPORT(gpuas_ttb_init);
EXPORT(gpuas_ttb_next);
EXPORT(gpuas_ttb_replace0);
EXPORT(gpuas_ttb_replace1);
EXPORT(gpuas_ttb_root);
EXPORT(gpuas_ttb_state);
EXPORT(gpuas_ttb_unbind);

/* gpuas/types.h */
EXPORT(gpuas_strerror);

/* gpuas/unmap.h */
EXPORT(gpuas_handoff_unmap_complete);
EXPORT(gpuas_handoff_unmap_needed);
EXPORT(gpuas_handoff_unmap_prepare);

/* gpuas/visit.h */
EXPORT(gpuas_cursor_init);
EXPORT(gpuas_path);
EXPORT(gpuas_mapped_next);
EXPORT(gpuas_visit);
EXPORT(gpuas_visit_all);
EXPORT(gpuas_visit_some);

/* gpuas_linux.h */
EXPORT(gpuas_linux_adopt);
EXPORT(gpuas_linux_borrow);
EXPORT(gpuas_linux_borrow_test);
EXPORT(gpuas_linux_create);
EXPORT(gpuas_linux_debugfs);
EXPORT(gpuas_linux_devm_adopt_class);
EXPORT(gpuas_linux_exit);
EXPORT(gpuas_linux_gather_begin);
EXPORT(gpuas_linux_gather_end);
EXPORT(gpuas_linux_init_class);
EXPORT(gpuas_linux_lend);
EXPORT(gpuas_linux_map);
EXPORT(gpuas_linux_map_list);
EXPORT(gpuas_linux_map_repeat);
EXPORT(gpuas_linux_mapped_next);
EXPORT(gpuas_linux_ops);
EXPORT(gpuas_linux_ops_apply);
EXPORT(gpuas_linux_ops_count);
EXPORT(gpuas_linux_protect);
EXPORT(gpuas_linux_ptr);
EXPORT(gpuas_linux_read);
EXPORT(gpuas_linux_release);
EXPORT(gpuas_linux_replace);
EXPORT(gpuas_linux_sink);
EXPORT(gpuas_linux_token);
EXPORT(gpuas_linux_token_drain);
EXPORT(gpuas_linux_token_flush);
EXPORT(gpuas_linux_token_flushed);
EXPORT(gpuas_linux_translate);
EXPORT(gpuas_linux_unmap);
EXPORT(gpuas_linux_visit);

MODULE_DESCRIPTION("GPU address spaces that firmware, bootloader and kernel share");
MODULE_LICENSE("Dual BSD/GPL");
