"""Many scenes: their list, finished masks, one process or a Ray pool, and the summary.

Read ``scene_list``, ``scene_task`` and ``scene_worker``, then ``scene_parts`` for huge scenes and ``ray_pool`` for
several processes.
"""
