# add a system-assigned managed identity
cpu_cluster.add_identity(identity_type="SystemAssigned")
