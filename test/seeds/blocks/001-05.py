src.run_config.node_count = 4
