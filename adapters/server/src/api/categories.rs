//! The shop's categories.

use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use vitrina_core::CategoryId;
use vitrina_core::product::CategoryContents;

use super::admin::{AdminKey, Removed};
use super::body::Body;
use super::problem::{Administering, Problem, ReadingAll, RemovingCategory};
use super::{ApiTags, Backend, wire};

/// The endpoints of categories.
pub struct CategoriesApi {
    pub(super) backend: Backend,
}

#[OpenApi]
impl CategoriesApi {
    /// All categories, by number
    #[oai(path = "/categories", method = "get", operation_id = "listCategories", tag = "ApiTags::Catalogue")]
    async fn categories(&self) -> Result<Json<wire::Categories>, Problem<ReadingAll>> {
        let categories = self.backend.shop.service().categories().await?;
        Ok(Json(wire::Categories { categories: categories.into_iter().map(Into::into).collect() }))
    }

    /// Makes a category, or renames it
    #[oai(
        path = "/categories/:id",
        method = "put",
        operation_id = "putCategory",
        tag = "ApiTags::Administration"
    )]
    async fn put_category(
        &self,
        key: AdminKey,
        /// The category's number.
        id: Path<i64>,
        category: Body<wire::CategoryIn>,
    ) -> Result<Json<wire::Category>, Problem<Administering>> {
        self.backend.admit(&key)?;
        Ok(Json(self.backend.shop.put_category(CategoryId(id.0), &category.0.name).await?.into()))
    }

    /// Renames, moves or translates a category
    ///
    /// It keeps its products and all categories below it. Fields that are left out stay.
    #[oai(
        path = "/categories/:id",
        method = "patch",
        operation_id = "patchCategory",
        tag = "ApiTags::Administration"
    )]
    async fn patch_category(
        &self,
        key: AdminKey,
        /// The category's number.
        id: Path<i64>,
        change: Body<wire::CategoryPatch>,
    ) -> Result<Json<wire::Category>, Problem<Administering>> {
        self.backend.admit(&key)?;
        let change = change.0.into_change();
        Ok(Json(self.backend.shop.update_category(CategoryId(id.0), change).await?.into()))
    }

    /// Removes a category
    ///
    /// One that has products, or categories below it, is removed only where `move_to` says where these go.
    #[oai(
        path = "/categories/:id",
        method = "delete",
        operation_id = "deleteCategory",
        tag = "ApiTags::Administration"
    )]
    async fn delete_category(
        &self,
        key: AdminKey,
        /// The category's number.
        id: Path<i64>,
        /// The category that its products and the categories below it move to.
        move_to: Query<Option<i64>>,
    ) -> Result<Removed, Problem<RemovingCategory>> {
        self.backend.admit(&key)?;
        let moved = move_to.0.map(|target| CategoryContents::MoveTo(CategoryId(target)));
        self.backend.shop.delete_category(CategoryId(id.0), moved.unwrap_or_default()).await?;
        Ok(Removed::Gone)
    }
}
