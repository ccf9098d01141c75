az resource list --name <datalakeanalytics> --query [].id
