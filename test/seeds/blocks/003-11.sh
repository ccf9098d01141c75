az resource list --name <databricks-ws> --query [].id
